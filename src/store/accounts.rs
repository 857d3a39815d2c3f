//! People of our own: the accounts behind `kind = "accounts"`.
//!
//! `password_at` only grows, so that it also says which password was looked at: whoever checks one and writes later
//! says the number again, and writes nothing where it is another one by then.

use secrecy::{ExposeSecret, SecretString};

use super::error::StoreError;
use super::rows::{attributes_from, attributes_text, maybe};
use super::sql::{Read, Tx, on, statements};
use crate::domain::name::Name;
use crate::protocol::attributes::Attributes;
use crate::protocol::time::Timestamp;

statements! {
    FIND = "SELECT name, password, active, must_change, attributes, joined_at, password_at, last_login
        FROM account WHERE name = $1";

    /// On PostgreSQL nobody changes the row until we are done.
    HOLD = "SELECT name, password, active, must_change, attributes, joined_at, password_at, last_login
        FROM account WHERE name = $1",
    postgres: "SELECT name, password, active, must_change, attributes, joined_at, password_at, last_login
        FROM account WHERE name = $1 FOR UPDATE";

    LIST = "SELECT name, password, active, must_change, attributes, joined_at, password_at, last_login
        FROM account WHERE name > $1 ORDER BY name LIMIT $2";

    /// One password of each kind and cost, as far as its first letters tell them.
    KINDS = "SELECT min(password) FROM account WHERE password <> '' GROUP BY substr(password, 1, 30) LIMIT 200";

    ADD = "INSERT INTO account (name, password, active, must_change, attributes, joined_at, password_at, last_login)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (name) DO NOTHING";

    CHANGE = "UPDATE account SET password = $2, active = $3, must_change = $4, attributes = $5, password_at = $6
        WHERE name = $1";

    /// Of two who change it from the same one, the second finds another number.
    CHOOSE = "UPDATE account SET password = $3, must_change = FALSE, password_at = $4
        WHERE name = $1 AND password_at = $2 AND active";

    REHASH = "UPDATE account SET password = $3 WHERE name = $1 AND password = $2";

    SIGNED_IN = "UPDATE account SET last_login = $2
        WHERE name = $1 AND active AND NOT must_change AND password_at = $3";

    REMOVE = "DELETE FROM account WHERE name = $1";
}

/// An account.
#[derive(Clone, Debug)]
pub struct Account {
    /// Who.
    pub name: Name,
    /// A hash that names its scheme; empty: nobody signs in with a password.
    pub password: SecretString,
    /// May sign in.
    pub active: bool,
    /// The password is good for choosing another one only.
    pub must_change: bool,
    /// What is known of the person, beside what has a column of its own.
    pub attributes: Attributes,
    /// When it was made.
    pub joined_at: Timestamp,
    /// When the password was set; never the same for two passwords of one account.
    pub password_at: Timestamp,
    /// The last sign-in.
    pub last_login: Option<Timestamp>,
}

impl Account {
    /// A new one that nobody has signed in to.
    pub fn new(name: Name, password: SecretString, now: Timestamp) -> Self {
        Self {
            name,
            password,
            active: true,
            must_change: false,
            attributes: Attributes::new(),
            joined_at: now,
            password_at: now,
            last_login: None,
        }
    }

    /// Whether there is a password that somebody could sign in with.
    pub fn has_password(&self) -> bool {
        !self.password.expose_secret().is_empty()
    }

    /// Sets another password: later than the last one, whatever the clock says.
    pub fn set_password(&mut self, password: SecretString, now: Timestamp) {
        self.password = password;
        self.password_at = self.next_password(now);
    }

    /// When a password that is set now is set.
    pub fn next_password(&self, now: Timestamp) -> Timestamp {
        now.max(self.password_at.plus(1))
    }
}

/// The account of this name.
pub async fn find(read: &mut Read, name: &str) -> Result<Option<Account>, StoreError> {
    let row: Option<AccountRow> =
        on!(read, FIND, |c, text| sqlx::query_as(text).bind(name).fetch_optional(c).await)?;
    row.map(Account::try_from).transpose()
}

/// The same, and nobody else changes it before this transaction ends.
pub async fn hold(tx: &mut Tx, name: &Name) -> Result<Option<Account>, StoreError> {
    let row: Option<AccountRow> =
        on!(tx, HOLD, |c, text| sqlx::query_as(text).bind(name.as_str()).fetch_optional(c).await)?;
    row.map(Account::try_from).transpose()
}

/// A stored password of every kind and cost that there is, about.
pub async fn kinds_of_passwords(read: &mut Read) -> Result<Vec<SecretString>, StoreError> {
    let texts: Vec<String> = on!(read, KINDS, |c, text| sqlx::query_scalar(text).fetch_all(c).await)?;
    Ok(texts.into_iter().map(SecretString::from).collect())
}

/// Some accounts behind this name, by name. In: `""` for the first ones.
pub async fn list(read: &mut Read, after: &str, limit: u32) -> Result<Vec<Account>, StoreError> {
    let rows: Vec<AccountRow> = on!(read, LIST, |c, text| {
        sqlx::query_as(text).bind(after).bind(i64::from(limit)).fetch_all(c).await
    })?;
    rows.into_iter().map(Account::try_from).collect()
}

/// Adds an account. Out: false, and nothing is written, where the name is taken.
pub async fn add(tx: &mut Tx, new: &Account) -> Result<bool, StoreError> {
    let attributes = attributes_text(&new.attributes)?;
    let rows = on!(tx, ADD, |c, text| {
        let insert = sqlx::query(text).bind(new.name.as_str()).bind(new.password.expose_secret());
        let insert = insert.bind(new.active).bind(new.must_change).bind(&attributes);
        let insert = insert.bind(new.joined_at.seconds()).bind(new.password_at.seconds());
        insert.bind(maybe(new.last_login)).execute(c).await.map(|done| done.rows_affected())
    })?;
    Ok(rows == 1)
}

/// Writes what an operator may change of an account. Only after [`hold`]: the last one who writes wins.
pub async fn change(tx: &mut Tx, account: &Account) -> Result<bool, StoreError> {
    let attributes = attributes_text(&account.attributes)?;
    let rows = on!(tx, CHANGE, |c, text| {
        let update = sqlx::query(text).bind(account.name.as_str()).bind(account.password.expose_secret());
        let update = update.bind(account.active).bind(account.must_change).bind(&attributes);
        let update = update.bind(account.password_at.seconds());
        update.execute(c).await.map(|done| done.rows_affected())
    })?;
    Ok(rows == 1)
}

/// The owner chooses another password. In: the account as it was when the old one was checked, the hash of the
/// new one. Out: false, and nothing is written, where the account is switched off or has another password by now.
pub async fn choose(
    tx: &mut Tx,
    was: &Account,
    password: &SecretString,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let at = was.next_password(now);
    let rows = on!(tx, CHOOSE, |c, text| {
        let update = sqlx::query(text).bind(was.name.as_str()).bind(was.password_at.seconds());
        let update = update.bind(password.expose_secret()).bind(at.seconds());
        update.execute(c).await.map(|done| done.rows_affected())
    })?;
    Ok(rows == 1)
}

/// Another hash of the same password. Out: false where the password is another one by now.
pub async fn rehash(
    tx: &mut Tx,
    name: &str,
    old: &SecretString,
    new: &SecretString,
) -> Result<bool, StoreError> {
    let rows = on!(tx, REHASH, |c, text| {
        let update = sqlx::query(text).bind(name).bind(old.expose_secret()).bind(new.expose_secret());
        update.execute(c).await.map(|done| done.rows_affected())
    })?;
    Ok(rows == 1)
}

/// Somebody signs in. In: [`Account::password_at`] as it was when the password was checked. Out: false where
/// the account may not be signed in to (any more), or has another password by now.
pub async fn signed_in(
    tx: &mut Tx,
    name: &Name,
    password_at: Timestamp,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let rows = on!(tx, SIGNED_IN, |c, text| {
        let update = sqlx::query(text).bind(name.as_str()).bind(now.seconds()).bind(password_at.seconds());
        update.execute(c).await.map(|done| done.rows_affected())
    })?;
    Ok(rows == 1)
}

/// Removes an account. Out: whether there was one.
pub async fn remove(tx: &mut Tx, name: &Name) -> Result<bool, StoreError> {
    let rows = on!(tx, REMOVE, |c, text| {
        sqlx::query(text).bind(name.as_str()).execute(c).await.map(|done| done.rows_affected())
    })?;
    Ok(rows == 1)
}

#[derive(sqlx::FromRow)]
struct AccountRow {
    name: String,
    password: String,
    active: bool,
    must_change: bool,
    attributes: String,
    joined_at: i64,
    password_at: i64,
    last_login: Option<i64>,
}

impl TryFrom<AccountRow> for Account {
    type Error = StoreError;

    fn try_from(row: AccountRow) -> Result<Self, StoreError> {
        let attributes = attributes_from(&row.attributes)
            .ok_or_else(|| StoreError::inconsistent("account", row.name.as_str()))?;
        Ok(Self {
            name: Name::stored(row.name),
            password: SecretString::from(row.password),
            active: row.active,
            must_change: row.must_change,
            attributes,
            joined_at: Timestamp::from_seconds(row.joined_at),
            password_at: Timestamp::from_seconds(row.password_at),
            last_login: row.last_login.map(Timestamp::from_seconds),
        })
    }
}
