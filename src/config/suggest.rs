//! "Did you mean …?"

/// Words of so few letters are near to many others: one mistake is all that is thought of.
const SHORT: usize = 4;

/// The known word that somebody probably meant, if one is close enough: a third of its letters, without
/// regard to case.
pub fn closest<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let typed = folded(word);
    // A long word is not typed by mistake.
    if typed.is_empty() || typed.len() > 200 {
        return None;
    }
    let near = known.into_iter().filter_map(|candidate| {
        let wanted = folded(candidate);
        let distance = distance(&typed, &wanted);
        let most = match typed.len() {
            ..=SHORT => 1,
            length => length.max(wanted.len()).div_ceil(3).min(4),
        };
        (distance <= most).then_some((distance, candidate))
    });
    near.min_by_key(|(distance, _)| *distance).map(|(_, candidate)| candidate)
}

/// Words that name a secret, as people write them.
const SECRETS: [&str; 12] = [
    "password",
    "passwd",
    "secret",
    "passphrase",
    "passcode",
    "pass",
    "passe",
    "pwd",
    "pw",
    "hash",
    "kennwort",
    "contrasena",
];
/// Keys that are called after a secret and hold none end so.
const HARMLESS: [&str; 6] = ["_file", "_check", "_attr", "_charset", "own_password", "passport"];

/// Whether a key or a column is called like a secret, also with slips in the word.
pub fn names_a_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    if HARMLESS.iter().any(|end| name.ends_with(end)) || name.contains("expir") {
        return false;
    }
    name.split(|c: char| !c.is_alphanumeric()).any(|word| {
        let letters = folded(word);
        SECRETS.iter().any(|secret| match secret.len() {
            ..=SHORT => word == *secret,
            length => {
                word.contains(secret) || distance(&letters, &folded(secret)) <= length.div_ceil(4).min(2)
            }
        })
    })
}

fn folded(word: &str) -> Vec<char> {
    word.chars().flat_map(char::to_lowercase).map(|c| if c == '-' { '_' } else { c }).collect()
}

/// How many letters must be put in, left out, exchanged or swapped with their neighbour.
fn distance(from: &[char], to: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=to.len()).collect();
    let mut last = None;
    for (row, &a) in from.iter().enumerate() {
        let mut line = Vec::with_capacity(to.len() + 1);
        line.push(row + 1);
        let mut left_letter = None;
        for (column, &b) in to.iter().enumerate() {
            let at = |cells: &[usize], place: usize| cells.get(place).copied().unwrap_or(usize::MAX / 2);
            let exchanged = at(&above, column) + usize::from(a != b);
            let mut best = exchanged.min(at(&above, column + 1) + 1).min(at(&line, column) + 1);
            if last == Some(b) && left_letter == Some(a) && column > 0 {
                best = best.min(at(&before, column - 1) + 1);
            }
            line.push(best);
            left_letter = Some(b);
        }
        before = std::mem::replace(&mut above, line);
        last = Some(a);
    }
    above.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets() {
        for name in [
            "password",
            "Password",
            "passwrd",
            "pasword",
            "passwort",
            "passwd",
            "pass",
            "secrt",
            "user_pwd",
            "client-secret",
            "userPassword",
            "cookie_secret",
            "password_hash",
            "Passwords",
            "pssword",
            "hash",
            "pasword1",
        ] {
            assert!(names_a_secret(name), "{name}");
        }
        for name in [
            "name",
            "email",
            "groups",
            "url",
            "path",
            "passport",
            "section",
            "secret_file",
            "compass",
            "position",
            "room",
            "bind_password_file",
            "query",
            "service",
            "department",
            "password_check",
            "passwordExpiresAt",
            "sector",
            "",
        ] {
            assert!(!names_a_secret(name), "{name}");
        }
    }

    #[test]
    fn near_words_are_found() {
        let keys =
            ["single_log_out", "single_log_out_callback", "name", "position", "url", "user_field", "logo"];
        for (word, found) in [
            ("single_logout", Some("single_log_out")),
            ("nmae", Some("name")),
            ("Name", Some("name")),
            ("user-field", Some("user_field")),
            ("postion", Some("position")),
            ("urls", Some("url")),
            ("renew", None),
            ("foo", None),
            ("lgoo", Some("logo")),
            ("", None),
        ] {
            assert_eq!(closest(word, keys), found, "{word}");
        }
        assert_eq!(distance(&folded("abcd"), &folded("acbd")), 1);
        assert_eq!(distance(&folded(""), &folded("abc")), 3);
    }
}
