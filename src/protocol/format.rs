//! In which form an answer is wanted: the parameter `format` (CAS 3.0 §2.5.1).

use super::params::{MalformedParams, Pairs};

/// The forms of the answers of CAS 2 and 3.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// Also when nothing is asked for.
    #[default]
    Xml,
    Json,
}

/// Why the form that is wanted is not known. It is answered as [`Format::Xml`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadFormat {
    /// A word that stands for nothing; it is not repeated.
    #[error("format is XML or JSON")]
    Unknown,
    #[error(transparent)]
    Malformed(#[from] MalformedParams),
}

impl Format {
    /// Reads it. The specification writes `JSON` and `XML`; large and small letters mean the same.
    ///
    /// # Errors
    ///
    /// Another word, or two of them.
    pub fn read(pairs: &Pairs) -> Result<Self, BadFormat> {
        match pairs.single("format")? {
            None => Ok(Self::Xml),
            Some(word) if word.eq_ignore_ascii_case("xml") => Ok(Self::Xml),
            Some(word) if word.eq_ignore_ascii_case("json") => Ok(Self::Json),
            Some(_) => Err(BadFormat::Unknown),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_forms() {
        for (query, format) in [
            ("", Ok(Format::Xml)),
            ("format=", Ok(Format::Xml)),
            ("format=XML", Ok(Format::Xml)),
            ("format=xml", Ok(Format::Xml)),
            ("format=JSON", Ok(Format::Json)),
            ("format=json", Ok(Format::Json)),
            ("format=Json", Ok(Format::Json)),
            ("Format=JSON", Ok(Format::Xml)),
            ("format=YAML", Err(BadFormat::Unknown)),
            ("format=JSON%20", Err(BadFormat::Unknown)),
            ("format=JS%00ON", Err(BadFormat::Unknown)),
            ("format=JSON&format=JSON", Err(BadFormat::Malformed(MalformedParams::Repeated("format")))),
        ] {
            assert_eq!(Format::read(&Pairs::parse(query.as_bytes()).unwrap()), format, "{query}");
        }
    }
}
