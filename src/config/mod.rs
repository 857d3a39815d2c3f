//! Configuration: named texts become typed sections, or problems with file, line and column.
//!
//! May use: `domain`, `protocol`.
//!
//! Files are one source of texts ([`texts::Texts::from_disk`]), a demo another. Everything is read before
//! anything is refused, so that one run tells all there is to mend; no key is accepted and then ignored.
//!
//! | file | reads |
//! |---|---|
//! | [`texts`], [`seen`] | the folders, and the files that keys name; whether they have changed |
//! | [`page`], [`section`] | one file; one table, key by key |
//! | [`problem`], [`render`] | what is wrong, for people and programs |
//! | [`site`] … [`upkeep`] | a section each, with its defaults |
//! | `moment` | dates and times |
//! | [`picture`] | logos: whether they may be served |
//! | [`backend`] | `[[backend]]`, `[[attributes]]` |
//! | [`provider`] | `providers.d` |
//! | [`service`], [`address`], [`release`] | `services.d` |
//! | [`schema`] | nothing: it tells every key, for people and editors |

pub mod address;
pub mod backend;
pub mod database;
pub mod duration;
pub mod federation;
pub mod logout;
mod moment;
pub mod page;
mod pair;
mod paths;
pub mod picture;
pub mod problem;
pub mod provider;
pub mod proxy;
pub mod public_url;
pub mod release;
pub mod render;
pub mod schema;
pub mod section;
pub mod seen;
pub mod server;
pub mod service;
pub mod session;
mod shown;
pub mod site;
mod suggest;
#[cfg(test)]
mod tests;
pub mod texts;
pub mod ticket;
pub mod upkeep;

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::domain::choice::Directory;
use crate::domain::identity::Suffix;
use crate::domain::lifetimes::Lifetimes;
use crate::domain::provider::Provider;
use crate::domain::rules::Rules;

use database::{Database, Env};
use federation::Federation;
use logout::Logout;
use page::{Parsed, Sink};
use problem::{Level, NO_SERVICE, PLAIN_DELIVERY, Problem};
use proxy::Proxy;
use section::Section;
use server::{Server, ServerParts};
use session::Session;
use site::Site;
use ticket::Ticket;
use upkeep::{Check, Clean, Outbound};

pub use backend::source::AttributeSource;
pub use backend::{Accounts, Backend, BackendKind, FileUser, local_names, local_reason};
pub use database::Address;
pub use federation::LocalAccount;
pub use logout::After;
pub use problem::Problems;
pub use public_url::PublicUrl;
pub use seen::Seen;
pub use server::{Control, Listen};
pub use site::Mark;
pub use suggest::names_a_secret;
pub use texts::{Files, Text, Texts};

/// Everything that is configured.
#[derive(Clone, Debug)]
pub struct Config {
    /// `[site]`
    pub site: Site,
    /// `[server]`
    pub server: Server,
    /// `[database]`
    pub database: Database,
    /// `[session]`
    pub session: Session,
    /// `[ticket]`
    pub ticket: Ticket,
    /// `[proxy]`
    pub proxy: Proxy,
    /// `[logout]`
    pub logout: Logout,
    /// `[federation]`
    pub federation: Federation,
    /// `[clean]`
    pub clean: Clean,
    /// `[outbound]`
    pub outbound: Outbound,
    /// `[check]`
    pub check: Check,
    /// How long things live, from `[session]` and `[ticket]`.
    pub lives: Lifetimes,
    /// `[[backend]]`, in the order in which they are asked.
    pub backends: Vec<Backend>,
    /// `[[attributes]]`, in the order in which they are asked.
    pub sources: Vec<AttributeSource>,
    /// `[[provider]]`
    pub directory: Directory,
    /// `[[service]]`
    pub rules: Rules,
    /// Where the files lie; empty where there are none.
    pub folder: PathBuf,
}

/// What stands in `passerelle.toml`, but for the back-ends.
struct Main {
    site: Site,
    server: ServerParts,
    database: Database,
    session: Session,
    ticket: Ticket,
    proxy: Proxy,
    logout: Logout,
    federation: Federation,
    clean: Clean,
    outbound: Outbound,
    check: Check,
}

impl Config {
    /// Reads all texts.
    ///
    /// In: the texts, and the variables of the environment for `env:NAME`. Out: the configuration, and
    /// warnings. Errors with all problems, errors and warnings, when there is at least one error.
    pub fn read(texts: &Texts, env: &dyn Fn(&str) -> Option<String>) -> Result<(Self, Problems), Problems> {
        Self::read_knowing(texts, env, &BTreeSet::new())
    }

    /// [`Config::read`], and a warning for each of these services, by name: nobody has used them for long.
    pub fn read_knowing(
        texts: &Texts,
        env: &dyn Fn(&str) -> Option<String>,
        unused: &BTreeSet<String>,
    ) -> Result<(Self, Problems), Problems> {
        let sink = Sink::default();
        let config = read_all(texts, env, unused, &sink);
        let mut problems = Problems::new(sink.into_list());
        let usable = problems.errors() == 0;
        if let Some(config) = &config {
            if usable && config.leads_nowhere() {
                problems.push(no_service(&texts.main.name));
            }
            if usable && config.is_delivered_to_plainly() {
                problems.push(plain_delivery(&texts.main.name));
            }
            problems.allow(&config.check.allow);
        }
        match config {
            Some(config) if usable => Ok((config, problems)),
            _ => Err(problems),
        }
    }

    /// The accounts of our own, if there are any: the back-end, and its keys. There is one table of them.
    pub fn accounts(&self) -> Option<(&Backend, &Accounts)> {
        self.backends.iter().find_map(|backend| match &backend.kind {
            BackendKind::Accounts(keys) => Some((backend, keys)),
            _ => None,
        })
    }

    /// Where commands reach the server that runs with this configuration; `None`: nowhere.
    pub fn control(&self) -> Option<PathBuf> {
        self.server.control.path(&self.database, &self.folder)
    }

    /// Whether people can sign in, but no service is there to go to.
    fn leads_nowhere(&self) -> bool {
        self.rules.is_empty() && !(self.directory.is_empty() && self.backends.is_empty())
    }

    /// Whether institutions are asked for what they hand over by https alone.
    fn is_delivered_to_plainly(&self) -> bool {
        !self.server.public_url.is_https() && self.directory.iter().any(|provider| provider.grants())
    }
}

fn no_service(main: &str) -> Problem {
    let message = "no service is registered: nobody can go anywhere";
    of_the_whole(main, NO_SERVICE, message, "add a [[service]] to a file in services.d")
}

fn plain_delivery(main: &str) -> Problem {
    let message =
        "`proxy_to` of an institution needs https: most servers hand no proxy-granting ticket over without";
    of_the_whole(main, PLAIN_DELIVERY, message, "give `public_url` an https address, or take `proxy_to` out")
}

/// [`Config::control`] from files of which others may be broken. `None` also where the main file cannot be
/// read at all.
pub fn control(texts: &Texts, env: Env<'_>) -> Option<PathBuf> {
    let sink = Sink::default();
    let file = Parsed::new(&texts.main, &sink, false);
    file.table.as_ref()?;
    let mut root = Section::root(&file);
    let server = server::read(root.table("server"), &texts.files);
    let database = database::read(root.table("database"), env, &texts.files);
    server.control.path(&database, texts.files.base())
}

/// Nothing in a file is wrong, so no line is shown.
fn of_the_whole(main: &str, code: &'static str, message: &str, hint: &str) -> Problem {
    Problem {
        level: Level::Warning,
        code: Some(code),
        file: main.to_owned(),
        line: 1,
        column: 1,
        end_column: 2,
        message: message.to_owned(),
        mark: None,
        entry: None,
        notes: Vec::new(),
        hint: Some(hint.to_owned()),
        source: String::new(),
    }
}

/// Reads everything; `None` where a part is missing that has no default.
fn read_all(texts: &Texts, env: Env<'_>, unused: &BTreeSet<String>, sink: &Sink) -> Option<Config> {
    let files = &texts.files;
    let own = own_address(&texts.main, files);
    let (mut providers, suffixes, providers_whole) = providers(&texts.providers, files, own.as_ref(), sink);

    let main = Parsed::new(&texts.main, sink, false);
    let main_whole = main.table.is_some();
    // A file that cannot be read says nothing about what is missing in it.
    let (main, local) = match main_whole {
        true => main_file(&main, (&providers, &suffixes), env, files, sink),
        false => (None, Local::default()),
    };

    let around = service::Around {
        files,
        suffixes: &suffixes,
        backends: &local.names,
        unused,
        complete: providers_whole && main_whole,
    };
    let rules = services(&texts.services, &around, sink);

    let Main {
        site,
        server,
        database,
        session,
        ticket,
        proxy,
        logout,
        mut federation,
        clean,
        outbound,
        check,
    } = main?;
    if !federation.enabled {
        providers.iter_mut().for_each(|provider| provider.disabled = true);
    }
    federation.enabled &= !providers.is_empty();
    Some(Config {
        site,
        server: server.whole()?,
        database,
        lives: lives(&session, &ticket),
        session,
        ticket,
        proxy,
        logout,
        federation,
        clean,
        outbound,
        check,
        backends: local.backends,
        sources: local.sources,
        directory: Directory::new(providers),
        rules,
        folder: files.base().to_owned(),
    })
}

/// Our own address, read ahead of everything else: institutions are held against it. What is wrong with it is
/// told when its file is read.
fn own_address(main: &Text, files: &Files) -> Option<PublicUrl> {
    let unheard = Sink::default();
    let file = Parsed::new(main, &unheard, false);
    let mut root = Section::root(&file);
    server::read(root.table("server"), files).public_url
}

/// Reads `providers.d`. Out: the institutions, all suffixes that are written, whether all files are whole.
fn providers(
    texts: &[Text],
    files: &Files,
    own: Option<&PublicUrl>,
    sink: &Sink,
) -> (Vec<Provider>, Vec<(Suffix, String)>, bool) {
    let mut whole = true;
    let mut providers = Vec::new();
    let mut taken = provider::Taken::default();
    for text in texts {
        let parsed = Parsed::new(text, sink, false);
        whole &= parsed.table.is_some();
        providers.extend(provider::read(Section::root(&parsed), files, own, &mut taken));
    }
    (providers, taken.suffixes, whole)
}

/// Reads `services.d`.
fn services(texts: &[Text], around: &service::Around<'_>, sink: &Sink) -> Rules {
    let files: Vec<_> = texts.iter().map(|text| Parsed::new(text, sink, false)).collect();
    let mut placed = Vec::new();
    let mut seen = service::Seen::default();
    for file in &files {
        placed.extend(service::read(Section::root(file), around, &mut seen));
    }
    // A file that cannot be read may hold the services that others name.
    if files.iter().all(|file| file.table.is_some()) {
        seen.names_that_are_nobodys();
    }
    service::in_order(placed)
}

/// What stands in `passerelle.toml` of local people.
#[derive(Default)]
struct Local {
    backends: Vec<Backend>,
    sources: Vec<AttributeSource>,
    /// The names of all back-ends that are written, also of those with a problem.
    names: Vec<String>,
}

/// Reads `passerelle.toml`. Out: its sections, and what it says of local people.
fn main_file(
    file: &Parsed<'_>,
    (providers, suffixes): (&[Provider], &[(Suffix, String)]),
    env: Env<'_>,
    files: &Files,
    sink: &Sink,
) -> (Option<Main>, Local) {
    let mut root = Section::root(file);
    let main = Main {
        site: site::read(root.table("site"), files),
        server: server::read(root.table("server"), files),
        database: database::read(root.table("database"), env, files),
        session: session::read(root.table("session"), files),
        ticket: ticket::read(root.table("ticket")),
        proxy: proxy::read(root.table("proxy")),
        logout: logout::read(root.table("logout")),
        federation: federation::read(root.table("federation")),
        clean: upkeep::clean(root.table("clean")),
        outbound: upkeep::outbound(root.table("outbound"), files),
        check: upkeep::check(root.table("check")),
    };
    let (sections, sources) = (root.tables("backend", "name"), root.tables("attributes", "backend"));
    root.finish();
    let around = backend::Around {
        suffixes,
        providers,
        listen: main.server.listen.as_ref(),
        public_url: main.server.public_url.as_ref(),
        env,
        files,
        sink,
    };
    let (backends, names) = backend::read(sections, &around);
    let sources = backend::source::read(sources, &backends, &names, &around);
    (Some(main), Local { backends, sources, names })
}

fn lives(session: &Session, ticket: &Ticket) -> Lifetimes {
    Lifetimes {
        idle: session.idle,
        session: session.lifetime,
        remembered: session.remember_me,
        service_ticket: ticket.service_validity,
        proxy_granting: ticket.pgt_validity,
        login_ticket: ticket.login_validity,
        told_at_age: ticket.tell_at_age.then_some(ticket.keep_for_logout),
    }
}
