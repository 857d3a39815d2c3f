//! Accounts as operators see them: never a password, never a hash.

use serde::Serialize;

use super::super::table::{Table, maybe, moment, plain, results, say};
use super::super::{Format, Outcome};
use super::told_name;
use crate::app::App;
use crate::protocol::attributes::{Attributes, Value};
use crate::protocol::time::Timestamp;
use crate::store::accounts::{self, Account};

/// Accounts that are read at once.
const PAGE: u32 = 500;

/// An account as programs read it.
#[derive(Serialize)]
struct View<'a> {
    name: &'a str,
    active: bool,
    has_password: bool,
    must_change: bool,
    joined: String,
    /// Absent where there is none.
    password_set: Option<String>,
    last_login: Option<String>,
    attributes: &'a Attributes,
}

impl<'a> View<'a> {
    fn of(account: &'a Account) -> Self {
        Self {
            name: account.name.as_str(),
            active: account.active,
            has_password: account.has_password(),
            must_change: account.must_change,
            joined: account.joined_at.iso(),
            password_set: account.has_password().then(|| account.password_at.iso()),
            last_login: account.last_login.map(Timestamp::iso),
            attributes: &account.attributes,
        }
    }
}

fn state(account: &Account) -> &'static str {
    match (account.active, account.has_password(), account.must_change) {
        (false, ..) => "off",
        (true, false, _) => "on, no password",
        (true, true, true) => "on, must change",
        (true, true, false) => "on",
    }
}

/// All accounts, page by page.
async fn all(app: &App) -> anyhow::Result<Vec<Account>> {
    let mut all: Vec<Account> = Vec::new();
    loop {
        let after = all.last().map_or(String::new(), |last| last.name.as_str().to_owned());
        let page = accounts::list(&mut app.store.read().await?, &after, PAGE).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

pub(super) async fn list(app: &App, format: Format, disabled: bool) -> anyhow::Result<Outcome> {
    let mut all = all(app).await?;
    all.retain(|account| !disabled || !account.active);
    let mut table = Table::new(&["NAME", "STATE", "JOINED", "LAST SIGN-IN"]);
    for account in &all {
        table.row(vec![
            account.name.as_str().to_owned(),
            state(account).to_owned(),
            moment(account.joined_at),
            maybe(account.last_login),
        ]);
    }
    let views: Vec<_> = all.iter().map(View::of).collect();
    results(format, &table.text(), &views)?;
    Ok(Outcome::Fine)
}

pub(super) async fn show(app: &App, format: Format, typed: &str) -> anyhow::Result<Outcome> {
    let Some(name) = told_name(app, typed) else { return Ok(Outcome::Problem) };
    let found = accounts::find(&mut app.store.read().await?, name.as_str()).await?;
    let Some(account) = found else {
        nobody(name.as_str());
        return Ok(Outcome::Problem);
    };
    let set = match account.has_password() {
        true => format!("set {}", moment(account.password_at)),
        false => "none".to_owned(),
    };
    let mut text = format!(
        "name          {}\nstate         {}\npassword      {set}\njoined        {}\nlast sign-in  {}\n",
        plain(account.name.as_str()),
        state(&account),
        moment(account.joined_at),
        maybe(account.last_login),
    );
    let values = |(name, values): (&str, &[_])| {
        let values: Vec<String> = values.iter().map(Value::as_text).map(|text| plain(&text)).collect();
        format!("  {} = {}\n", plain(name), values.join(", "))
    };
    if !account.attributes.is_empty() {
        text.push_str("attributes\n");
        text.extend(account.attributes.iter().map(values));
    }
    results(format, &text, &View::of(&account))?;
    Ok(Outcome::Fine)
}

/// Says that there is no such account.
pub(super) fn nobody(name: &str) {
    say(&format!("there is no account {}", plain(name)));
}
