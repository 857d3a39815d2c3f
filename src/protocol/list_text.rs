//! Lists that a server wrote as one text: `[a, b]`, as Java shows a list.

use super::attributes::{Attributes, Value};

/// Every attribute whose one value is such a text becomes a list. What is in quotes is JSON, which stays a
/// text, and so does whatever is more than one value already.
pub fn split(attributes: Attributes) -> Attributes {
    let mut out = Attributes::new();
    for (name, values) in attributes {
        let list = match values.as_slice() {
            [Value::Text(text)] => members(text),
            _ => None,
        };
        out.set(name, list.unwrap_or(values));
    }
    out
}

fn members(text: &str) -> Option<Vec<Value>> {
    let inside = text.trim().strip_prefix('[')?.strip_suffix(']')?;
    match inside.trim() {
        "" => Some(Vec::new()),
        quoted if quoted.starts_with(['"', '\'', '[', '{']) => None,
        _ => Some(inside.split(", ").map(Value::from).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_list() {
        for (text, list) in [
            ("[a, b]", &["a", "b"][..]),
            ("[a]", &["a"]),
            (" [a, b] ", &["a", "b"]),
            ("[a,b]", &["a,b"]),
            ("[cn=x,dc=y, cn=z]", &["cn=x,dc=y", "cn=z"]),
            ("[a, , b]", &["a", "", "b"]),
            ("[]", &[]),
            ("[ ]", &[]),
            ("[Zoë, Ω]", &["Zoë", "Ω"]),
            // No lists.
            ("a, b", &["a, b"]),
            ("[a, b", &["[a, b"]),
            ("a, b]", &["a, b]"]),
            ("", &[""]),
            ("[", &["["]),
            ("[\"a\", \"b\"]", &["[\"a\", \"b\"]"]),
            ("[{\"a\": 1}]", &["[{\"a\": 1}]"]),
            ("[[a], [b]]", &["[[a], [b]]"]),
        ] {
            let mut attributes = Attributes::new();
            attributes.push("x", text);
            let values: Vec<Value> = list.iter().map(|&text| Value::from(text)).collect();
            assert_eq!(split(attributes).get("x"), Some(values.as_slice()), "{text}");
        }
    }

    #[test]
    fn several_values_and_other_kinds_stay() {
        let mut attributes = Attributes::new();
        attributes.push("two", "[a, b]");
        attributes.push("age", 7_i64);
        attributes.push("two", "[c]");
        assert_eq!(split(attributes.clone()), attributes);
    }
}
