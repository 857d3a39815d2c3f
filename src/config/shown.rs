//! A line of a file as it may be shown beside a problem: no password, no control character.

use super::suggest::names_a_secret;

/// What of a line is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hidden {
    /// Values of keys that are called like a secret, and passwords in addresses.
    Secrets,
    /// The same, and all of an address that could hold a password in a place where none is looked for.
    Addresses,
    /// Every value: a key that nobody knows may be a slip in the name of a secret.
    Values,
    /// Every value but the name of somebody: a file of users.
    People,
}

/// A line of a file as it may be shown.
pub fn shown(line: &str, hidden: Hidden) -> String {
    let key = line.split_once('=').map(|(key, _)| key);
    let hides = match hidden {
        Hidden::Secrets => holds_secret(line),
        Hidden::Addresses => holds_secret(line) || line.contains(['@', '?']),
        Hidden::Values => !is_title(line),
        Hidden::People => !is_title(line) && !is_name(line),
    };
    let line = match key {
        Some(key) if hides => format!("{key}= …"),
        None if hides => String::new(),
        _ => without_credentials(line),
    };
    line.chars().map(|c| if c.is_control() && c != '\t' { '\u{fffd}' } else { c }).collect()
}

/// `[table]` or `[[table]]`, and nothing beside it.
fn is_title(line: &str) -> bool {
    let line = line.trim();
    let bare = |c: char| c.is_ascii_alphanumeric() || "[]._-".contains(c);
    line.starts_with('[') && line.ends_with(']') && line.chars().all(bare)
}

/// `name = "…"`, and nothing beside it.
fn is_name(line: &str) -> bool {
    line.split_once('=').is_some_and(|(key, value)| key.trim() == "name" && !value.contains(['=', '#']))
}

/// Whether one of the keys of a line is called like a secret.
fn holds_secret(line: &str) -> bool {
    keys(line).any(|key| key.split('.').any(|part| names_a_secret(part.trim().trim_matches(['"', '\'']))))
}

/// What stands before each `=` that is not part of a text; before every one, where a text has no end on the line.
fn keys(line: &str) -> impl Iterator<Item = &str> {
    let mut open = None;
    let mut ends = Vec::new();
    let mut escaped = false;
    for (at, c) in line.char_indices() {
        match (c, open) {
            _ if escaped => escaped = false,
            ('\\', Some('"')) => escaped = true,
            ('"' | '\'', None) => open = Some(c),
            (c, Some(quote)) if c == quote => open = None,
            ('=', None) => ends.push(at),
            _ => {}
        }
    }
    if open.is_some() {
        ends = line.match_indices('=').map(|(at, _)| at).collect();
    }
    ends.into_iter().map(|end| {
        let before = line.get(..end).unwrap_or_default();
        before
            .rsplit(['{', ',', '=', ' ', '\t'])
            .map(str::trim)
            .find(|word| !word.is_empty())
            .unwrap_or_default()
    })
}

/// Cuts out what stands between `://` and `@`.
fn without_credentials(line: &str) -> String {
    let Some((front, rest)) = line.split_once("://") else { return line.to_owned() };
    match rest.rsplit_once('@') {
        Some((_, end)) => format!("{front}://…@{end}"),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_shown() {
        use Hidden::{Addresses, People, Secrets, Values};
        for (line, hidden, seen) in [
            ("password = \"hunter2\"", Secrets, "password = …"),
            ("pasword = \"hunter2", Secrets, "pasword = …"),
            ("'passwrd' = \"hunter2\"", Secrets, "'passwrd' = …"),
            ("backend.pass='hunter2'", Secrets, "backend.pass= …"),
            ("{ name = 'a', Password = 'b' }", Secrets, "{ name = …"),
            ("{ name = 'a\", secrt = 'b' }", Secrets, "{ name = …"),
            ("cookie_secret = 'hunter2'", Secrets, "cookie_secret = …"),
            ("url = \"postgres://u:p@ss@h/db\"", Secrets, "url = \"postgres://…@h/db\""),
            ("url = \"https://w.example/\"", Secrets, "url = \"https://w.example/\""),
            ("a\u{1b}[31m = 1", Secrets, "a\u{fffd}[31m = 1"),
            ("x = \"hunter2", Values, "x = …"),
            ("hunter2\"", Values, ""),
            ("[\"hunter2\"]", Values, ""),
            ("[[usr]]", Values, "[[usr]]"),
            ("url = [\"http://h\"]", Addresses, "url = [\"http://h\"]"),
            ("url = \"x:/u:hunter2@h\"", Addresses, "url = …"),
            ("url = \"x://h/?password=hunter2\"", Addresses, "url = …"),
            ("name = \"a b\"", People, "name = \"a b\""),
            ("nmae = \"a b\"", People, "nmae = …"),
            ("name = \"a\" # hunter2", People, "name = …"),
            ("{ name = \"a\", p = \"hunter2\" }", People, "{ name = …"),
        ] {
            assert_eq!(shown(line, hidden), seen);
        }
    }

    #[test]
    fn what_is_harmless_is_shown() {
        for line in [
            "password_check = \"plain\"",
            "password_attr = \"a*\"",
            "password_charset = \"x\"",
            "bind_password_file = \"no\"",
            "secret_file = \"no\"",
            "cookie_secret_file = \"no\"",
            "own_password = 7",
            "query = \"SELECT user AS username, pass AS password FROM users WHERE user = 1\"",
            "user_from = \"userPassword\"",
        ] {
            assert_eq!(shown(line, Hidden::Secrets), line);
        }
    }
}
