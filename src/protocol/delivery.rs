//! How a ticket travels to a service (CAS 3.0 §2.1.1, `method`).

/// One of the three ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// In the address of a redirect.
    Redirect,
    /// In a form that the browser posts.
    Post,
    /// In headers of our answer.
    Header,
}

impl Delivery {
    /// The way that a value of `method` names. One that nobody knows means a redirect: no client shall fail
    /// because it asks for more than we have.
    pub fn named(value: &str) -> Self {
        match value {
            _ if value.eq_ignore_ascii_case("POST") => Self::Post,
            _ if value.eq_ignore_ascii_case("HEADER") => Self::Header,
            _ => Self::Redirect,
        }
    }

    /// The value of `method` that names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Redirect => "GET",
            Self::Post => "POST",
            Self::Header => "HEADER",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_knows_is_a_redirect() {
        for (value, way) in [
            ("GET", Delivery::Redirect),
            ("POST", Delivery::Post),
            ("post", Delivery::Post),
            ("HEADER", Delivery::Header),
            ("PUT", Delivery::Redirect),
            ("POST ", Delivery::Redirect),
            ("<script>", Delivery::Redirect),
        ] {
            assert_eq!(Delivery::named(value), way, "{value}");
            assert_eq!(Delivery::named(way.as_str()), way);
        }
    }
}
