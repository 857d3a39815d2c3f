//! The file of a back-end of the kind `file`: `[[user]]` with name, password and attributes.

use std::collections::HashMap;

use password_hash::phc::PasswordHash;
use secrecy::SecretString;

use super::super::page::{Page, Parsed, Spot, Words};
use super::super::paths::contents;
use super::super::section::Section;
use super::super::texts::{LARGEST, Text};
use super::check::{PasswordCheck, Stored};
use super::{Around, FileUser, attributes, local_name};

/// Reads the users of a file. In: its path as written, and where it is written. Out: the users without a
/// problem; `None` where the file cannot be read.
pub fn read(path: &str, spot: &Spot<'_>, stored: Stored, around: &Around<'_>) -> Option<Vec<FileUser>> {
    let text = Text::new(path, contents(path, spot, around.files, LARGEST)?);
    let parsed = Parsed::new(&text, around.sink, true);
    parsed.table.as_ref()?;
    let mut root = Section::root(&parsed);
    let mut users = Vec::new();
    let mut known = HashMap::new();
    for section in root.tables("user", "name") {
        users.extend(user(section, &parsed.page, &mut known, stored, around));
    }
    root.finish();
    Some(users)
}

fn user(
    mut section: Section<'_>,
    page: &Page<'_>,
    known: &mut HashMap<String, String>,
    stored: Stored,
    around: &Around<'_>,
) -> Option<FileUser> {
    let name = section.text("name").and_then(|found| {
        let name = local_name(found.value, &found.spot, around)?;
        let at = found.spot.address();
        match known.insert(name.as_str().to_owned(), at) {
            None => Some(name.as_str().to_owned()),
            Some(first) => {
                let message = format!("two users of {} have the name {:?}", page.name, name.as_str());
                found.spot.alone().tell(Words::new(message).mark(format!("also at {first}")));
                known.insert(name.as_str().to_owned(), first);
                None
            }
        }
    });
    let password = section.text("password").and_then(|found| hash(found.value, stored, &found.spot));
    let attributes = attributes(&mut section).unwrap_or_default();
    section.finish();
    Some(FileUser { name: name?, password: password?, attributes })
}

/// A hash. The text itself is never repeated.
fn hash(text: &str, stored: Stored, spot: &Spot<'_>) -> Option<SecretString> {
    if stored.check != PasswordCheck::Argon2 {
        return Some(SecretString::from(text));
    }
    let hint = "a hash in PHC form: $argon2id$v=19$m=19456,t=2,p=1$…$…";
    let argon2 = ["$argon2id$", "$argon2i$", "$argon2d$"].iter().any(|start| text.starts_with(start));
    if !argon2 {
        let message = match text.starts_with('$') || text.starts_with('{') {
            true => "this kind of password hash is not known here",
            false => "a password never stands here in clear text",
        };
        spot.tell(Words::new(message).hint(hint).secret());
        return None;
    }
    match PasswordHash::new(text) {
        Ok(phc) if phc.salt.is_some() && phc.hash.is_some() => Some(SecretString::from(text)),
        _ => {
            spot.tell(Words::new("this password hash is incomplete or damaged").hint(hint).secret());
            None
        }
    }
}
