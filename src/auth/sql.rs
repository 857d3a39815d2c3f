//! `kind = "sql"`: users in a table of somebody else.
//!
//! | file | holds |
//! |---|---|
//! | `seats` | connections, tries, the limit of time |
//! | `line` | one connection to one of three databases |
//! | `postgres`, `mysql`, `sqlite` | the question, and how its rows are read |
//! | `row`, `json` | rows of any database, and the person in them |
//! | `trouble` | errors, sorted |

mod json;
mod line;
mod mysql;
mod postgres;
mod row;
mod seats;
mod sqlite;
mod trouble;

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use super::{Answer, Authenticator, Down, Hashing, Known, Outcome, Passwords, Steps, Verdict};
use crate::config::backend::check::{PasswordCheck, Stored};
use crate::config::backend::sql as config;
use crate::domain::name::visible;
use crate::telemetry::Once;
use line::Described;
use row::{Kept, Person, find};
use seats::Seats;

/// A name that nobody has, to try the question with.
const NOBODY: &str = "nobody-of-this-name";

/// A table of somebody else.
pub struct Sql {
    backend: String,
    seats: Seats,
    stored: Stored,
    signs_in: bool,
    passwords: Passwords,
    /// What was said of names and columns.
    said: Once,
}

impl Sql {
    /// Takes the keys as the configuration read them; nothing is asked yet. In: the name of the back-end, and
    /// whether passwords are checked here.
    pub fn new(backend: &str, sql: &config::Sql, signs_in: bool, hashing: Arc<Hashing>) -> Self {
        Self {
            backend: backend.to_owned(),
            seats: Seats::new(sql),
            stored: sql.stored,
            signs_in,
            passwords: Passwords::new(backend, sql.stored, hashing),
            said: Once::default(),
        }
    }

    /// The person of a name, where there is exactly one.
    async fn find(&self, name: &str, steps: &Steps) -> Result<Option<Person>, Down> {
        let mut rows = self.seats.ask(name, steps).await?;
        self.report(name, rows.len());
        let (Some(row), None) = (rows.pop(), rows.pop()) else {
            return Ok(None);
        };
        let columns: Vec<&str> = row.iter().map(|(name, _)| name.as_str()).collect();
        self.needs(&columns).inspect_err(|down| steps.failed("columns", || down.to_string()))?;
        steps.tell("columns", || columns.join(", "));
        let person = Person::of(row);
        for column in &person.left_out {
            if self.said.is_first(&format!("column {column}")) {
                let backend = self.backend.as_str();
                tracing::warn!(backend, column, "a value is too long to be an attribute, and is left out");
            }
        }
        steps.tell("attributes", || {
            person.attributes.iter().map(|(name, _)| name).collect::<Vec<_>>().join(", ")
        });
        Ok(Some(person))
    }

    /// Whether the question gives the columns that are needed.
    fn needs(&self, columns: &[&str]) -> Result<(), Down> {
        let needed: &[&str] = if self.signs_in { &["username", "password"] } else { &["username"] };
        let missing = needed.iter().find(|name| find(columns.iter().copied(), name).is_none());
        missing.map_or(Ok(()), |name| {
            let like = if *name == "username" { "login" } else { "pw_hash" };
            Err(Down::Unfit(format!(
                "`query` gives no column `{name}`, or several that could be it: write `SELECT {like} AS {name}, …`"
            )))
        })
    }

    async fn verdict(&self, person: Person, password: &SecretString, steps: &Steps) -> Result<Verdict, Down> {
        let Some(name) = person.name else {
            steps.failed("name", || "the column `username` is empty, so this is nobody".to_owned());
            return Ok(Verdict::Unknown);
        };
        let outcome = match &person.password {
            Kept::Nothing => {
                steps.failed("password", || "none is stored, so nobody can sign in".to_owned());
                self.passwords.refuse(password, 0).await?;
                return Ok(Verdict::Wrong);
            }
            Kept::NoText => {
                let scheme = "bytes that are no text";
                self.passwords.report(&name, scheme);
                self.passwords.refuse(password, 0).await?;
                let outcome = Outcome::Unreadable(scheme.to_owned());
                steps.password(&outcome, || outcome.to_string());
                outcome
            }
            Kept::Text(text) => {
                let outcome = self.passwords.check(&name, password, text).await?;
                steps.password(&outcome, || match self.family(text, &outcome) {
                    Some(family) => format!("{family}: {outcome}"),
                    None => outcome.to_string(),
                });
                outcome
            }
        };
        Ok(match outcome {
            Outcome::Right => Verdict::Right { name, attributes: person.attributes },
            Outcome::Wrong | Outcome::Unreadable(_) => Verdict::Wrong,
        })
    }

    /// The scheme that a stored value names: of what was read as a hash, and never of what may be clear text.
    fn family(&self, text: &SecretString, outcome: &Outcome) -> Option<String> {
        if matches!(outcome, Outcome::Unreadable(_))
            || matches!(self.stored.check, PasswordCheck::Plain | PasswordCheck::Hex(_))
        {
            return None;
        }
        let text = text.expose_secret();
        let end = match text.chars().next()? {
            '$' => text.get(1..)?.find('$')? + 1,
            '{' => text.find('}')?,
            _ => text.find('$').filter(|_| self.stored.check == PasswordCheck::Django)?,
        };
        text.get(..=end).filter(|family| family.len() <= 24).map(str::to_owned)
    }

    /// Several rows are nobody, which is worth a line.
    fn report(&self, name: &str, rows: usize) {
        if rows > 1 && self.said.is_first(&format!("rows {name}")) {
            let (backend, user) = (self.backend.as_str(), visible(name));
            tracing::warn!(backend, %user, "the query gives several rows for a name, so it is nobody's");
        }
    }

    async fn try_out(&self, steps: &Steps) -> Result<(), Down> {
        let Described { columns, places } = self.seats.describe(steps).await?;
        if places != self.seats.places() {
            return Err(Down::Unfit(format!(
                "the database sees {places} places for the name in `query`, and we {}: write `?` for each",
                self.seats.places()
            )));
        }
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        // A procedure tells its columns only when it is called.
        if !columns.is_empty() {
            self.needs(&columns).inspect_err(|down| steps.failed("columns", || down.to_string()))?;
            steps.tell("columns", || columns.join(", "));
        }
        // Who may read what shows only when somebody asks.
        self.seats.ask(NOBODY, steps).await.map(|_| ())
    }
}

impl Authenticator for Sql {
    fn check<'a>(
        &'a self,
        name: &'a str,
        password: &'a SecretString,
        steps: &'a Steps,
    ) -> Answer<'a, Verdict> {
        Box::pin(async move {
            match self.find(name, steps).await? {
                None => Ok(Verdict::Unknown),
                Some(person) => self.verdict(person, password, steps).await,
            }
        })
    }

    fn attributes<'a>(&'a self, name: &'a str, steps: &'a Steps) -> Answer<'a, Known> {
        Box::pin(async move {
            let person = self.find(name, steps).await?;
            let person = person.and_then(|person| Some((person.name?, person.attributes)));
            Ok(person.map_or(Known::Nobody, |(name, attributes)| Known::Now { name, attributes }))
        })
    }

    fn sample(&self) -> Option<(SecretString, Stored)> {
        self.passwords.sample()
    }

    fn probe<'a>(&'a self, steps: &'a Steps) -> Answer<'a, ()> {
        Box::pin(self.try_out(steps))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use sqlx::{ConnectOptions, Executor};

    use super::*;
    use crate::config::{BackendKind, Config, Files, Text, Texts};

    /// A file with somebody whose password is NULL, one that cannot be read, and bytes that are no text.
    async fn back_end(folder: &std::path::Path) -> Sql {
        let path = folder.join("people.db");
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path).create_if_missing(true);
        let rows = "CREATE TABLE people (username, password);
                    INSERT INTO people VALUES ('none', NULL), ('odd', '$9$odd'), ('bytes', x'ff')";
        options.connect().await.unwrap().execute(rows).await.unwrap();
        let main = format!(
            "[server]\npublic_url = \"http://127.0.0.1:8090/cas\"\n[[backend]]\nname = \"a\"\nkind = \"sql\"\n\
             url = \"sqlite:{}\"\nquery = \"SELECT * FROM people WHERE username = ?\"\npassword_check = \"argon2\"\n",
            path.display()
        );
        let main = Text::new("passerelle.toml", main);
        let files = Files::Memory(BTreeMap::new());
        let texts = Texts { main, providers: Vec::new(), services: Vec::new(), files };
        let config = Config::read(&texts, &|_| None).unwrap().0;
        let BackendKind::Sql(keys) = &config.backends[0].kind else { panic!("{:?}", config.backends) };
        Sql::new("a", keys, true, Arc::default())
    }

    #[tokio::test]
    async fn whoever_has_no_password_is_as_busy_as_others() {
        let folder = tempfile::tempdir().unwrap();
        let back_end = back_end(folder.path()).await;
        let password = SecretString::from("x");
        for name in ["none", "odd", "bytes"] {
            assert_eq!(back_end.check(name, &password, &Steps::untold()).await, Ok(Verdict::Wrong), "{name}");
        }
        let _all = back_end.passwords.hashing().hold_all().await;
        for name in ["none", "odd", "bytes"] {
            assert!(back_end.check(name, &password, &Steps::untold()).await.is_err(), "{name}");
        }
        assert_eq!(back_end.check("nobody", &password, &Steps::untold()).await, Ok(Verdict::Unknown));
    }
}
