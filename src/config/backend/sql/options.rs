//! What an address of a database may say behind its `?`.

use encoding_rs::{Encoding, UTF_8};
use url::Url;

use super::SqlKind;

/// What an address may say after `?`, of either server.
const COMMON: [&str; 8] =
    ["sslmode", "ssl-mode", "ssl-ca", "sslcert", "ssl-cert", "sslkey", "ssl-key", "statement-cache-capacity"];

/// Beside that, of PostgreSQL.
const POSTGRES: [&str; 9] = [
    "sslrootcert",
    "ssl-root-cert",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
];

/// The same of MySQL.
const MYSQL: [&str; 4] = ["sslca", "charset", "collation", "socket"];

/// What MySQL calls the charsets that we can write and read, and their labels.
const CHARSETS: [(&str, &str); 25] = [
    ("utf8mb4", "utf-8"),
    ("utf8mb3", "utf-8"),
    ("utf8", "utf-8"),
    ("ascii", "utf-8"),
    ("latin1", "windows-1252"),
    ("latin2", "iso-8859-2"),
    ("latin5", "windows-1254"),
    ("latin7", "iso-8859-13"),
    ("cp1250", "windows-1250"),
    ("cp1251", "windows-1251"),
    ("cp1256", "windows-1256"),
    ("cp1257", "windows-1257"),
    ("cp866", "ibm866"),
    ("greek", "iso-8859-7"),
    ("hebrew", "iso-8859-8"),
    ("koi8r", "koi8-r"),
    ("koi8u", "koi8-u"),
    ("macroman", "macintosh"),
    ("tis620", "windows-874"),
    ("big5", "big5"),
    ("gbk", "gbk"),
    ("gb2312", "gbk"),
    ("cp932", "shift_jis"),
    ("eucjpms", "euc-jp"),
    ("euckr", "euc-kr"),
];

/// Looks at what follows `?`. Out: the charset of the connection. Errors: what is wrong, in words.
pub(super) fn read(url: &Url, kind: SqlKind) -> Result<&'static Encoding, String> {
    let mut charset = UTF_8;
    for (name, value) in url.query_pairs() {
        let own = match kind {
            SqlKind::Mysql => MYSQL.contains(&name.as_ref()),
            _ => POSTGRES.contains(&name.as_ref()) || name == "options" || name.starts_with("options["),
        };
        if !own && !COMMON.contains(&name.as_ref()) {
            return Err(format!("`url` has an option that is not known, `{name}`"));
        }
        let modes: &[&str] = match kind {
            SqlKind::Mysql => &["disabled", "preferred", "required", "verify_ca", "verify_identity"],
            _ => &["disable", "allow", "prefer", "require", "verify-ca", "verify-full"],
        };
        let is_mode = matches!(name.as_ref(), "sslmode" | "ssl-mode");
        if is_mode && !modes.contains(&value.to_lowercase().as_str()) {
            return Err(format!("`{name}` in `url` is one of {}", modes.join(", ")));
        }
        if name == "charset" {
            charset = encoding(&value).ok_or_else(|| format!("`charset` in `url` cannot be {value:?}"))?;
        }
    }
    Ok(charset)
}

fn encoding(charset: &str) -> Option<&'static Encoding> {
    let (_, label) = CHARSETS.iter().find(|(name, _)| *name == charset)?;
    Encoding::for_label(label.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_charset_is_one_that_we_can_write() {
        assert!(CHARSETS.iter().all(|(name, _)| encoding(name).is_some()));
    }
}
