//! Changes of single accounts. Each is one transaction: it reads the account, holds it and writes it.

use serde::Serialize;

use super::super::table::{plain, results, say};
use super::super::{Format, Outcome};
use super::{
    Add, Few, Passwd, Set, Several, password, person, put, same, tell_of_messages, told_attributes,
    told_name, view,
};
use crate::app::App;
use crate::domain::name::Name;
use crate::store::Farewell;
use crate::store::accounts::{self, Account};
use crate::store::sessions::{self, Ends};

/// What was done, as programs read it.
#[derive(Serialize)]
struct Done {
    name: String,
    /// Whether this changed anything.
    changed: bool,
    sessions: u64,
    messages: u64,
    dry_run: bool,
}

/// What becomes of the sessions of an account that changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sessions {
    Stay,
    End,
    EndSilently,
}

impl Sessions {
    fn end(no_slo: bool) -> Self {
        if no_slo { Self::EndSilently } else { Self::End }
    }
}

/// Whoever is told of what ends.
pub(super) fn farewell(no_slo: bool) -> Farewell<'static> {
    if no_slo { Farewell::Silent } else { Farewell::Told }
}

/// What is to become of an account.
enum Edit {
    /// It is so already.
    Nothing,
    /// This.
    Write(Account),
    /// It goes.
    Remove,
}

impl Edit {
    /// In: whether the account differs from what is stored.
    fn of(differs: bool, account: Account) -> Self {
        if differs { Self::Write(account) } else { Self::Nothing }
    }
}

/// What comes of the change of one account: whether it was one, and what ended.
type Changed = (bool, Ends);

/// Changes an account, or only looks. In: what is to become of it. Out: `None` where there is no such account.
async fn alter(
    app: &App,
    name: &Name,
    then: Sessions,
    dry_run: bool,
    edit: impl Fn(Account) -> Edit + Send + Sync + 'static,
) -> anyhow::Result<Option<Changed>> {
    let who = person(app, name).filter(|_| then != Sessions::Stay);
    let silent = then == Sessions::EndSilently;
    if dry_run {
        let mut read = app.store.read().await?;
        let Some(account) = accounts::find(&mut read, name.as_str()).await? else { return Ok(None) };
        let mut ends = match &who {
            Some(who) => sessions::count_of_person(&mut read, who).await?,
            None => Ends::default(),
        };
        if silent {
            ends.messages = 0;
        }
        return Ok(Some((!matches!(edit(account), Edit::Nothing), ends)));
    }
    let (name, now) = (name.clone(), app.clock.now());
    let edit = std::sync::Arc::new(edit);
    let write = app.store.write(move |tx| {
        let (name, who, edit) = (name.clone(), who.clone(), std::sync::Arc::clone(&edit));
        Box::pin(async move {
            let Some(account) = accounts::hold(tx, &name).await? else { return Ok(None) };
            let changed = match edit(account) {
                Edit::Nothing => false,
                Edit::Write(account) => accounts::change(tx, &account).await?,
                Edit::Remove => accounts::remove(tx, &name).await?,
            };
            let ends = match &who {
                Some(who) => sessions::end_of_person(tx, who, None, now, farewell(silent)).await?,
                None => Ends::default(),
            };
            Ok(Some((changed, ends)))
        })
    });
    Ok(write.await?)
}

/// Tells what was done: to people and to programs, and what becomes of messages.
async fn report(
    app: &App,
    format: Format,
    words: (&str, &str, &str),
    dry_run: bool,
    done: &[(Name, Changed)],
) -> anyhow::Result<()> {
    let line = |(name, (changed, ends)): &(Name, Changed)| {
        let (would, did, already) = words;
        let what = match (changed, dry_run) {
            (false, _) => already,
            (true, true) => would,
            (true, false) => did,
        };
        let ended = match (ends.sessions, dry_run) {
            (0, _) => String::new(),
            (n, true) => format!("; sessions that would end: {n}, messages to services: {}", ends.messages),
            (n, false) => format!("; sessions ended: {n}, messages to services: {}", ends.messages),
        };
        format!("{} {what}{ended}\n", plain(name.as_str()))
    };
    let json: Vec<Done> = done
        .iter()
        .map(|(name, (changed, ends))| Done {
            name: name.as_str().to_owned(),
            changed: *changed,
            sessions: ends.sessions,
            messages: ends.messages,
            dry_run,
        })
        .collect();
    results(format, &done.iter().map(line).collect::<String>(), &json)?;
    if !dry_run && done.iter().any(|(_, (_, ends))| ends.messages > 0) {
        tell_of_messages(app).await?;
    }
    Ok(())
}

/// The same change of several accounts, each by itself.
async fn each(
    app: &App,
    format: Format,
    names: &[String],
    (then, dry_run): (Sessions, bool),
    words: (&str, &str, &str),
    edit: fn(Account) -> Edit,
) -> anyhow::Result<Outcome> {
    let (mut done, mut outcome) = (Vec::new(), Outcome::Fine);
    for typed in names {
        let Some(name) = told_name(app, typed) else {
            outcome = Outcome::Problem;
            continue;
        };
        match alter(app, &name, then, dry_run, edit).await? {
            Some(changed) => done.push((name, changed)),
            None => {
                view::nobody(name.as_str());
                outcome = Outcome::Problem;
            }
        }
    }
    report(app, format, words, dry_run, &done).await?;
    Ok(outcome)
}

pub(super) async fn disable(app: &App, format: Format, several: Several) -> anyhow::Result<Outcome> {
    let how = (Sessions::end(several.no_slo), several.dry_run);
    let words = ("would be switched off", "is switched off", "is off already");
    let off = |account: Account| Edit::of(account.active, Account { active: false, ..account });
    each(app, format, &several.names, how, words, off).await
}

pub(super) async fn enable(app: &App, format: Format, few: Few) -> anyhow::Result<Outcome> {
    let words = ("would be switched on", "is switched on", "is on already");
    let on = |account: Account| Edit::of(!account.active, Account { active: true, ..account });
    each(app, format, &few.names, (Sessions::Stay, few.dry_run), words, on).await
}

pub(super) async fn remove(app: &App, format: Format, several: Several) -> anyhow::Result<Outcome> {
    let how = (Sessions::end(several.no_slo), several.dry_run);
    let words = ("would be removed", "is removed", "is gone already");
    each(app, format, &several.names, how, words, |_| Edit::Remove).await
}

pub(super) async fn add(app: &App, format: Format, add: Add) -> anyhow::Result<Outcome> {
    let (Some(name), Some(attributes)) = (told_name(app, &add.name), told_attributes(&add.attributes)) else {
        return Ok(Outcome::Problem);
    };
    let taken = || {
        say(&format!("there is an account {} already", plain(name.as_str())));
        Ok(Outcome::Problem)
    };
    if accounts::find(&mut app.store.read().await?, name.as_str()).await?.is_some() {
        return taken();
    }
    if !add.dry_run {
        let Some(hash) = password::ask(app, add.password.password_stdin).await? else {
            return Ok(Outcome::Problem);
        };
        let mut account = Account::new(name.clone(), hash, app.clock.now());
        account.must_change = add.password.must_change;
        for (name, values) in attributes {
            account.attributes.set(name, values);
        }
        let write = app.store.write(move |tx| {
            let account = account.clone();
            Box::pin(async move { accounts::add(tx, &account).await })
        });
        if !write.await? {
            return taken();
        }
    }
    let done = [(name.clone(), (true, Ends::default()))];
    report(app, format, ("would be added", "is added", "is unchanged"), add.dry_run, &done).await?;
    Ok(Outcome::Fine)
}

pub(super) async fn passwd(app: &App, format: Format, passwd: Passwd) -> anyhow::Result<Outcome> {
    let Some(name) = told_name(app, &passwd.name) else { return Ok(Outcome::Problem) };
    if accounts::find(&mut app.store.read().await?, name.as_str()).await?.is_none() {
        view::nobody(name.as_str());
        return Ok(Outcome::Problem);
    }
    let hash = match passwd.dry_run {
        true => secrecy::SecretString::default(),
        false => match password::ask(app, passwd.password.password_stdin).await? {
            Some(hash) => hash,
            None => return Ok(Outcome::Problem),
        },
    };
    let (now, must_change) = (app.clock.now(), passwd.password.must_change);
    let edit = move |mut account: Account| {
        account.set_password(hash.clone(), now);
        account.must_change = must_change;
        Edit::Write(account)
    };
    let Some(changed) = alter(app, &name, Sessions::end(passwd.no_slo), passwd.dry_run, edit).await? else {
        view::nobody(name.as_str());
        return Ok(Outcome::Problem);
    };
    let words = ("would have another password", "has another password", "is unchanged");
    report(app, format, words, passwd.dry_run, &[(name, changed)]).await?;
    Ok(Outcome::Fine)
}

pub(super) async fn set(app: &App, format: Format, set: Set) -> anyhow::Result<Outcome> {
    let (Some(name), Some(attributes)) = (told_name(app, &set.name), told_attributes(&set.attributes)) else {
        return Ok(Outcome::Problem);
    };
    let removed = set.remove;
    let both = removed.iter().find(|name| attributes.iter().any(|(own, _)| same(own, name.trim())));
    if let Some(name) = both {
        say(&format!("`{}` cannot get values and go at once", plain(name)));
        return Ok(Outcome::Problem);
    }
    let edit = move |mut account: Account| {
        let before = account.attributes.clone();
        for name in &removed {
            put(&mut account.attributes, name, Vec::new());
        }
        for (name, values) in &attributes {
            put(&mut account.attributes, name, values.clone());
        }
        Edit::of(account.attributes != before, account)
    };
    let Some(changed) = alter(app, &name, Sessions::Stay, set.dry_run, edit).await? else {
        view::nobody(name.as_str());
        return Ok(Outcome::Problem);
    };
    let words = ("would be changed", "is changed", "is unchanged");
    report(app, format, words, set.dry_run, &[(name, changed)]).await?;
    Ok(Outcome::Fine)
}
