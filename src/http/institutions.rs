//! The list of institutions on the selection page, and the part of it that the script asks for.

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, HeaderValue, VARY};
use axum::http::{StatusCode, header};
use axum::response::Response;

use crate::config::LocalAccount;
use crate::domain::choice::Listed;
use crate::domain::code::Code;
use crate::domain::login::Local;
use crate::domain::provider::Provider;
use crate::domain::rules::Destination;
use crate::domain::search::{Query, SearchText, sort_key};
use crate::domain::translated;
use crate::flows::login::{destination, local};
use crate::protocol::params::LoginParams;
use crate::protocol::time::Timestamp;

use super::doors::Doors;
use super::lang::Lang;
use super::pages::{Entry, Found, FoundPage, Group};
use super::render;
use super::visit::Visit;

/// Most entries that a page holds as a whole.
const MOST_WHOLE: usize = 300;
/// Most that are shown of more than that.
const MOST_SHOWN: usize = 50;

/// What an entry depends on besides its institution.
pub struct Around<'a> {
    doors: &'a Doors,
    lang: &'a Lang,
    tag: String,
    asked: &'a LoginParams,
    query: String,
    now: Timestamp,
}

/// A line of the list.
enum Item<'a> {
    Institution(&'a Listed),
    /// The local accounts, where they stand among the institutions.
    Local(SearchText),
}

/// The group of an institution; `None`: that of those without one.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Heading<'a>(Option<&'a str>);

/// The list of a request.
pub struct Institutions<'a> {
    around: &'a Around<'a>,
    items: Vec<Item<'a>>,
    /// Its headings, in the order of their first members.
    groups: Vec<Option<Heading<'a>>>,
}

impl<'a> Around<'a> {
    /// What holds for all entries of a page.
    pub fn new(doors: &'a Doors, lang: &'a Lang, asked: &'a LoginParams, now: Timestamp) -> Self {
        Self { doors, lang, tag: lang.tag(), asked, query: asked.to_query(), now }
    }

    /// An institution to choose.
    pub fn entry(&self, provider: &Provider, text: &str) -> Entry {
        let name = translated::name(provider, &self.tag);
        let between = if self.query.is_empty() { "" } else { "?" };
        let path = format!("/federate/{}{between}{}", provider.suffix, self.query);
        let logo = self.doors.logo(provider.logo.as_ref());
        let (href, suffix) = (self.doors.chrome.href(&path), provider.suffix.as_str());
        let mut entry =
            Entry::new(name.text, suffix, href, logo, text).in_language(name.differs_from(&self.tag));
        if let Some(since) = self.doors.app.upstreams.silent_since(&provider.suffix) {
            entry = entry.silent(self.lang, since.seconds(), self.now.seconds());
        }
        let notice = provider.notice.as_ref().filter(|notice| notice.is_on(self.now));
        if let Some(told) = notice.and_then(|notice| translated::notice(notice, &self.tag)) {
            entry = entry.notice(told.text, told.differs_from(&self.tag));
        }
        match &provider.help {
            Some(help) => entry.help(self.lang, help),
            None => entry,
        }
    }

    /// What people call the local accounts.
    pub fn local_name(&self) -> String {
        let configured = self.doors.app.config.federation.local_name.clone();
        configured.unwrap_or_else(|| self.lang.say("select-local"))
    }

    /// The way to the form of the local accounts.
    pub fn local_href(&self) -> String {
        self.doors.chrome.href(&render::with_query("/login", self.asked, "provider=local"))
    }
}

/// Whether the local accounts stand among the institutions, and not behind them.
pub fn local_is_among(doors: &Doors) -> bool {
    doors.app.config.federation.local_account == LocalAccount::Position
}

impl<'a> Institutions<'a> {
    /// Those that may be chosen for a service. `with_local`: the local accounts are on the page.
    pub fn of(around: &'a Around<'a>, destination: Option<&'a Destination>, with_local: bool) -> Self {
        let rule = destination.map(|destination| destination.rule.as_ref());
        let config = &around.doors.app.config;
        let listed = config.directory.listed(rule, &around.tag);
        let mut items: Vec<_> = listed.map(Item::Institution).collect();
        if with_local && local_is_among(around.doors) {
            let name = around.local_name();
            let own = (config.federation.local_position, sort_key(&name));
            let before = |item: &Item<'_>| match item {
                Item::Institution(Listed { provider, .. }) => {
                    (provider.position, sort_key(translated::name(provider, &around.tag).text)) <= own
                }
                Item::Local(_) => true,
            };
            items.insert(items.partition_point(before), Item::Local(SearchText::of_name(&name)));
        }
        let mut groups: Vec<Option<Heading<'_>>> = Vec::new();
        for group in items.iter().map(Item::group) {
            if !groups.contains(&group) {
                groups.push(group);
            }
        }
        Self { around, items, groups }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether a page holds them all.
    pub fn is_whole(&self) -> bool {
        self.items.len() <= MOST_WHOLE
    }

    /// What a search finds: of a few all are there, and the others hidden, for the script; of many the
    /// first, after those of `recent`, the ones used before, where nothing is looked for. Whose whole name was
    /// typed stands above the others.
    pub fn found(&self, q: &str, recent: &[&Provider]) -> Found {
        let Around { doors, lang, .. } = self.around;
        let query = Query::read(q);
        let found: Vec<_> = self.items.iter().filter(|item| query.finds(item.text())).collect();
        let all = found.len();
        let is_above = |item: &Item<'_>| all > 1 && query.is_exactly(item.text());
        let (above, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|item| is_above(item));
        let above: Vec<_> = above.into_iter().take(MOST_SHOWN).map(|item| self.entry(item)).collect();
        let groups = if self.is_whole() {
            // The script moves them: each has its own place besides.
            let is_hidden = |item: &Item<'_>| !query.finds(item.text()) || is_above(item);
            self.groups(self.items.iter().map(|item| (item, is_hidden(item))))
        } else {
            let left = MOST_SHOWN - above.len();
            self.groups(others.into_iter().take(left).map(|item| (item, false)))
        };
        let found = Found::new(&doors.chrome, lang, q, (above, groups), all);
        if self.is_whole() || !query.is_empty() || recent.is_empty() {
            return found;
        }
        found.used_before(lang, recent.iter().map(|provider| self.around.entry(provider, "")).collect())
    }

    /// By group, in the order of the whole list. If that has one group only, it needs no heading and no parts;
    /// beside several the local accounts stand without one, at their place.
    fn groups<'i>(&self, items: impl Iterator<Item = (&'i Item<'i>, bool)>) -> Vec<Group> {
        let one = [None];
        let is_one = self.groups.iter().flatten().count() <= 1;
        let parts: &[Option<Heading<'_>>] = if is_one { &one } else { &self.groups };
        let mut groups: Vec<_> = parts.iter().map(|part| (*part, Vec::new())).collect();
        for (item, hidden) in items {
            let part = item.group().filter(|_| !is_one);
            if let Some((_, entries)) = groups.iter_mut().find(|(own, _)| *own == part) {
                entries.push(Entry { hidden, ..self.entry(item) });
            }
        }
        groups.retain(|(_, entries)| !entries.is_empty());
        let others = self.around.lang.say("select-others");
        let heading =
            |name: Option<Heading<'_>>| name.map(|Heading(name)| name.unwrap_or(&others).to_owned());
        groups.into_iter().map(|(name, entries)| Group::new(heading(name).as_deref(), entries)).collect()
    }

    fn entry(&self, item: &Item<'_>) -> Entry {
        match item {
            // Where the server searches, the script needs no text.
            Item::Institution(listed) if !self.is_whole() => self.around.entry(&listed.provider, ""),
            Item::Institution(listed) => self.around.entry(&listed.provider, listed.text.as_str()),
            Item::Local(text) => {
                Entry::local(&self.around.local_name(), self.around.local_href(), text.as_str())
            }
        }
    }
}

impl<'a> Item<'a> {
    fn text(&self) -> &SearchText {
        match self {
            Self::Institution(listed) => &listed.text,
            Self::Local(text) => text,
        }
    }

    /// What it stands under; the local accounts are of no group, not even of that of the others.
    fn group(&self) -> Option<Heading<'a>> {
        match *self {
            Self::Institution(listed) => Some(Heading(listed.provider.group.as_deref())),
            Self::Local(_) => None,
        }
    }
}

/// `GET /login/institutions`: what `q` finds, as the inside of the list. The parameters are those of the
/// page, and with them the service, so a browser may keep the answer.
pub async fn show(State(doors): State<Doors>, visit: Visit) -> Response {
    let asked = match visit.query.clone().and_then(|pairs| LoginParams::read(&pairs)) {
        Ok(asked) => asked,
        Err(malformed) => {
            return render::refuse(&doors, &visit, Code::RequestMalformed, &malformed.to_string());
        }
    };
    let destination = match destination(&doors.app, &asked) {
        Ok(destination) => destination,
        Err(refused) => return render::error(&doors, &visit, refused.into()),
    };
    let lang = visit.lang();
    let around = Around::new(&doors, &lang, &asked, doors.app.clock.now());
    let with_local = local(&doors.app, destination.as_ref()) == Local::Offered;
    let institutions = Institutions::of(&around, destination.as_ref(), with_local);
    let found = institutions.found(asked.q.as_deref().unwrap_or_default(), &[]);
    let mut response = render::page(&doors, StatusCode::OK, &FoundPage { found }, None);
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, max-age=300"));
    headers.insert(VARY, HeaderValue::from_static("accept-language"));
    response
}

/// Lets the script of a page ask us.
pub fn let_ask(response: &mut Response) {
    let policy = response.headers().get(header::CONTENT_SECURITY_POLICY);
    let further = policy.and_then(|policy| {
        HeaderValue::from_bytes(&[policy.as_bytes(), b"; connect-src 'self'"].concat()).ok()
    });
    if let Some(policy) = further {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
}
