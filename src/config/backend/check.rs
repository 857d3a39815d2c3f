//! How stored passwords are kept: `password_check` and `password_charset`, and the texts themselves, one file
//! below for each family.

mod codes;
mod crypt;
mod django;
pub mod form;
mod ldap;
mod limits;
mod phc;

use encoding_rs::{Encoding, UTF_8};

use super::super::page::Words;
use super::super::section::Section;

/// What a stored password is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PasswordCheck {
    /// The password itself.
    Plain,
    /// A text of crypt(3).
    Crypt,
    /// `{SCHEME}…`, as directories keep it (RFC 2307).
    Ldap,
    /// `$2a$`, `$2b$`, `$2y$`.
    Bcrypt,
    /// PHC text of Argon2.
    Argon2,
    /// PHC text of PBKDF2.
    Pbkdf2,
    /// What Django keeps.
    Django,
    /// The hexadecimal digest of the password.
    Hex(Digest),
    /// Any of the above that names itself: what our own table may hold.
    Named,
}

/// A digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Digest {
    /// 16 bytes.
    Md5,
    /// 20 bytes.
    Sha1,
    /// 28 bytes.
    Sha224,
    /// 32 bytes.
    Sha256,
    /// 48 bytes.
    Sha384,
    /// 64 bytes.
    Sha512,
}

impl Digest {
    /// How many bytes it has.
    pub fn length(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha224 => 28,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// The words of `password_check`.
pub const WORDS: [(&str, PasswordCheck); 13] = [
    ("plain", PasswordCheck::Plain),
    ("crypt", PasswordCheck::Crypt),
    ("ldap", PasswordCheck::Ldap),
    ("bcrypt", PasswordCheck::Bcrypt),
    ("argon2", PasswordCheck::Argon2),
    ("pbkdf2", PasswordCheck::Pbkdf2),
    ("django", PasswordCheck::Django),
    ("hex_md5", PasswordCheck::Hex(Digest::Md5)),
    ("hex_sha1", PasswordCheck::Hex(Digest::Sha1)),
    ("hex_sha224", PasswordCheck::Hex(Digest::Sha224)),
    ("hex_sha256", PasswordCheck::Hex(Digest::Sha256)),
    ("hex_sha384", PasswordCheck::Hex(Digest::Sha384)),
    ("hex_sha512", PasswordCheck::Hex(Digest::Sha512)),
];

/// How the stored passwords of a back-end are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    /// What they are.
    pub check: PasswordCheck,
    /// How a typed password becomes bytes.
    pub charset: &'static Encoding,
    /// `ldap`: whether a value without `{SCHEME}` is the password itself. Default: false, and it never matches.
    pub clear_text: bool,
}

impl Stored {
    /// A way with passwords in UTF-8.
    pub fn in_utf_8(check: PasswordCheck) -> Self {
        Self { check, charset: UTF_8, clear_text: false }
    }
}

/// Reads the keys.
pub(super) fn read(section: &mut Section<'_>, default: PasswordCheck) -> Stored {
    let check = section.word("password_check", default, &WORDS);
    Stored { check, charset: charset(section), clear_text: section.bool("clear_text", false) }
}

/// The same where a password never stands in clear text.
pub(super) fn read_hashed(section: &mut Section<'_>, default: PasswordCheck) -> Stored {
    let (clear, hashed): (Vec<_>, Vec<_>) =
        WORDS.into_iter().partition(|(_, check)| *check == PasswordCheck::Plain);
    let written = clear.iter().find_map(|(word, _)| section.says("password_check", word));
    let check = match written {
        None => section.word("password_check", default, &hashed),
        Some(spot) => {
            let words = Words::new("`password_check` is never \"plain\" for a file");
            let why = "whoever reads the file, or a copy of it, would have everybody's password.";
            spot.tell(words.note(why).hint("keep hashes in it, such as those of Argon2"));
            default
        }
    };
    Stored { check, charset: charset(section), clear_text: false }
}

/// `password_charset`: any label of the Encoding Standard that something can be written in.
pub(super) fn charset(section: &mut Section<'_>) -> &'static Encoding {
    let Some(found) = section.opt_text("password_charset") else { return UTF_8 };
    match Encoding::for_label(found.value.as_bytes()) {
        Some(charset) if charset.output_encoding() == charset => charset,
        _ => {
            let words = Words::new(format!("`password_charset` does not know {:?}", found.value));
            found.spot.tell(words.hint("such as \"utf-8\", \"iso-8859-1\", \"windows-1252\", \"shift_jis\""));
            UTF_8
        }
    }
}
