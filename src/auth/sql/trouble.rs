//! What a database answers in place of rows: what is worth another try, what is not, and what it says of it.

use std::io::ErrorKind;

use sqlx::error::DatabaseError;
use sqlx::mysql::MySqlDatabaseError;

/// Why a question has no rows.
#[derive(Debug)]
pub enum Trouble {
    /// The connection is lost, or the server ends it or has no place: worth another try.
    Lost(String),
    /// The server will say the same again.
    Refused(String),
    /// The name cannot be written in this database, so nobody in it has it.
    NoSuchName,
}

/// Numbers of MySQL and MariaDB for a connection that is gone or that there is no place for.
const MYSQL_LOST: [u16; 14] =
    [1040, 1053, 1077, 1152, 1158, 1159, 1160, 1161, 1203, 1205, 1213, 1615, 1927, 4031];
/// The same for a name that the column, or the connection, has no letters for.
const MYSQL_LETTERS: [u16; 7] = [1267, 1270, 1271, 1300, 1366, 1977, 3988];
/// Those whose text names things of the database, and never a value.
const MYSQL_PLAIN: [u16; 17] =
    [1044, 1045, 1046, 1049, 1052, 1054, 1064, 1103, 1109, 1129, 1130, 1142, 1143, 1146, 1251, 1305, 1698];

impl Trouble {
    /// Sorts an error. In: the name that was asked for, which its words must not repeat.
    pub fn of(error: &sqlx::Error, name: &str) -> Self {
        match error {
            sqlx::Error::Database(error) => match error.try_downcast_ref::<MySqlDatabaseError>() {
                Some(mysql) => mysql_trouble(mysql, name),
                None => of_code(error.as_ref(), name),
            },
            sqlx::Error::Io(error) if error.kind() == ErrorKind::NotFound => {
                Self::Lost("a socket or a file of certificates that `url` names does not exist".to_owned())
            }
            sqlx::Error::Io(error) => Self::Lost(error.to_string()),
            sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => {
                Self::Lost("the connection broke in the middle of an answer".to_owned())
            }
            sqlx::Error::Tls(error) if error.to_string().contains("RSA") => {
                let why = "the server takes a password of this kind over TLS or a socket only";
                Self::Refused(format!("{why}: write ?ssl-mode=REQUIRED or ?socket=… in `url`"))
            }
            sqlx::Error::Tls(error) => Self::Refused(format!("TLS: {error}")),
            sqlx::Error::Configuration(error) => Self::Refused(format!("`url` cannot be used: {error}")),
            _ => Self::Refused("a row cannot be read".to_owned()),
        }
    }
}

fn mysql_trouble(error: &MySqlDatabaseError, name: &str) -> Trouble {
    let number = error.number();
    if MYSQL_LETTERS.contains(&number) && !name.is_ascii() {
        return Trouble::NoSuchName;
    }
    let words = words(error.message(), &format!("error {number}"), name, MYSQL_PLAIN.contains(&number));
    if MYSQL_LOST.contains(&number) { Trouble::Lost(words) } else { Trouble::Refused(words) }
}

/// PostgreSQL by its SQLSTATE; SQLite has numbers of its own.
fn of_code(error: &dyn DatabaseError, name: &str) -> Trouble {
    let code = error.code().unwrap_or_default();
    // Invalid text, letters that the encoding lacks: of the name, the rest of the question is ours.
    if matches!(code.as_ref(), "22P02" | "22P05" | "22021") {
        return Trouble::NoSuchName;
    }
    let words = words(error.message(), &format!("error {code}"), name, !code.starts_with("22"));
    let class = ["08", "57P", "53"].iter().any(|class| code.len() == 5 && code.starts_with(class));
    let stale = code == "26000" || (code == "0A000" && error.message().contains("cached plan"));
    if (class && code != "08P01") || stale { Trouble::Lost(words) } else { Trouble::Refused(words) }
}

/// What the log is told: the database's words where they hold no value and no name of a person.
fn words(message: &str, code: &str, name: &str, plain: bool) -> String {
    if plain && (name.is_empty() || !message.contains(name)) {
        format!("{message} ({code})")
    } else {
        code.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn no_value_is_repeated() {
        assert_eq!(words("no table users", "error 1", "ada", true), "no table users (error 1)");
        assert_eq!(words("no table ada", "error 1", "ada", true), "error 1");
        assert_eq!(words("bad value x", "error 2", "ada", false), "error 2");
        assert_eq!(words("no table users", "error 1", "", true), "no table users (error 1)");
    }
}
