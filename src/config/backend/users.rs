//! The file of a back-end of the kind `file`: `[[user]]` with name, password and attributes.

use std::collections::HashMap;

use secrecy::SecretString;

use super::super::page::{Page, Parsed, Spot, Words};
use super::super::paths::contents;
use super::super::section::Section;
use super::super::texts::{LARGEST, Text};
use super::check::form::{Form, Unreadable};
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
    let why = match Form::read(text, stored) {
        Ok(_) => return Some(SecretString::from(text)),
        Err(why) => why,
    };
    let message = match &why {
        Unreadable::ClearText => "a password never stands here in clear text",
        Unreadable::Unknown if !is_marked(text) => "a password never stands here in clear text",
        Unreadable::Unknown | Unreadable::Scheme(_) | Unreadable::Elsewhere(..) => {
            "this kind of password hash is not known here"
        }
        Unreadable::Damaged(_) => "this password hash is incomplete or damaged",
        Unreadable::TooCostly(_) => "this password hash asks for too much work",
        Unreadable::NotBuiltIn(_) => "this kind of password hash is not built in (feature `legacy-crypt`)",
    };
    let hint = match why {
        Unreadable::Elsewhere(_, check) => {
            format!("this hash needs password_check = \"{check}\" in the [[backend]]")
        }
        _ => hint(stored.check),
    };
    spot.tell(Words::new(message).hint(hint).secret());
    None
}

/// Whether a text begins like a hash of some kind.
fn is_marked(text: &str) -> bool {
    text.starts_with(['$', '{', '_']) || text.split_once('$').is_some_and(|(name, _)| !name.contains(' '))
}

fn hint(check: PasswordCheck) -> String {
    match check {
        PasswordCheck::Argon2 | PasswordCheck::Named | PasswordCheck::Plain => {
            "a hash in PHC form: $argon2id$v=19$m=19456,t=2,p=1$…$…".to_owned()
        }
        PasswordCheck::Crypt => "a text of crypt(3): $y$…, $6$…, $2b$12$…".to_owned(),
        PasswordCheck::Ldap => {
            "a value with its scheme: {SSHA512}…, {CRYPT}$6$…, {ARGON2}$argon2id$…".to_owned()
        }
        PasswordCheck::Bcrypt => "a hash of bcrypt: $2b$12$…".to_owned(),
        PasswordCheck::Pbkdf2 => "a hash of PBKDF2: $pbkdf2-sha256$i=600000,l=32$…$…".to_owned(),
        PasswordCheck::Django => "a hash as Django keeps it: pbkdf2_sha256$1000000$…$…".to_owned(),
        PasswordCheck::Hex(digest) => format!("a digest in {} hexadecimal digits", 2 * digest.length()),
    }
}
