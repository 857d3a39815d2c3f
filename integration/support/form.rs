//! Forms of pages, as a browser would send them.

/// A form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// As written.
    pub action: String,
    /// In small letters.
    pub method: String,
    /// What would be sent, in order.
    pub fields: Vec<(String, String)>,
}

impl Form {
    /// All forms of a page.
    pub fn all(html: &str) -> Vec<Self> {
        let mut forms = Vec::new();
        for piece in html.split("<form").skip(1) {
            let (head, rest) = piece.split_once('>').expect("a whole tag");
            let inner = rest.split("</form").next().unwrap_or_default();
            forms.push(Self {
                action: attribute(head, "action").unwrap_or_default(),
                method: attribute(head, "method").unwrap_or_else(|| "get".to_owned()).to_lowercase(),
                fields: inner.split("<input").skip(1).filter_map(field).collect(),
            });
        }
        forms
    }

    /// The value of a field.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// The same form with a field filled in, ticked or pressed.
    #[must_use]
    pub fn fill(mut self, name: &str, value: &str) -> Self {
        self = self.without(name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same form without a field.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(own, _)| own != name);
        self
    }
}

/// What an input sends, if it sends anything.
fn field(piece: &str) -> Option<(String, String)> {
    let tag = piece.split_once('>').map_or(piece, |(tag, _)| tag);
    let kind = attribute(tag, "type").unwrap_or_default();
    let is_box = kind == "checkbox" || kind == "radio";
    if kind == "submit" || (is_box && !tag.contains(" checked")) {
        return None;
    }
    let value =
        attribute(tag, "value").unwrap_or_else(|| if is_box { "on".to_owned() } else { String::new() });
    Some((attribute(tag, "name")?, value))
}

/// An attribute of a tag, its references resolved. Our pages quote every value.
pub fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    Some(unescaped(value))
}

/// Text without character references.
pub fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let (entity, tail) = after.split_once(';').expect("a whole character reference");
        let number = entity.strip_prefix("#x").map(|hex| u32::from_str_radix(hex, 16).ok());
        let number =
            number.unwrap_or_else(|| entity.strip_prefix('#').and_then(|digits| digits.parse().ok()));
        out.push(match (entity, number.and_then(char::from_u32)) {
            (_, Some(character)) => character,
            ("amp", _) => '&',
            ("lt", _) => '<',
            ("gt", _) => '>',
            ("quot", _) => '"',
            ("apos", _) => '\'',
            (other, _) => panic!("a character reference that nobody knows: {other}"),
        });
        rest = tail;
    }
    out.push_str(rest);
    out
}

#[test]
fn forms_are_read_as_a_browser_does() {
    let html = r#"<form method="post" action="/cas/login"><input type="hidden" name="service" value="https://a.example/?x=1&amp;y=&#34;">
        <input class="i" name="username" type="text" value="" required><input type="checkbox" name="warn" value="1">
        <input type="checkbox" name="on" checked></form><form action="/b"></form>"#;
    let forms = Form::all(html);
    assert_eq!((forms[0].method.as_str(), forms[1].method.as_str()), ("post", "get"));
    assert_eq!(forms[0].value("service"), Some("https://a.example/?x=1&y=\""));
    assert_eq!((forms[0].value("warn"), forms[0].value("on")), (None, Some("on")));
    assert_eq!(forms[0].clone().fill("username", "ada").value("username"), Some("ada"));
}
