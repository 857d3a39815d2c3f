//! The selection page: institutions as links, the ones used before first.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;

use crate::domain::login::Why;
use crate::domain::provider::Provider;
use crate::domain::translated;
use crate::flows::form;
use crate::flows::jump;
use crate::flows::login::Choice;
use crate::protocol::params::LoginParams;
use crate::protocol::time::Timestamp;

use super::doors::Doors;
use super::institutions::{Around, Institutions, let_ask, local_is_among};
use super::lang::Lang;
use super::pages::{Forget, Press, Search, SelectPage};
use super::visit::Visit;
use super::{login, render};

/// Draws it.
pub fn page(doors: &Doors, visit: &Visit, asked: &LoginParams, choice: &Choice) -> Response {
    let lang = visit.lang();
    let around = Around::new(doors, &lang, asked, choice.now);
    let recent = recent(visit, choice);
    let all = asked.choose || asked.q.is_some() || asked.hint.is_some() || recent.is_empty();
    let institutions = all.then(|| Institutions::of(&around, choice.destination.as_ref(), choice.local));
    let mut page = match &institutions {
        Some(institutions) => first(doors, &lang, asked, choice, institutions, &recent),
        None => returning(doors, visit, &around, asked, choice, &recent),
    };
    if let (Why::AnotherAccount, Some(destination)) = (choice.why, &choice.destination) {
        let institution = choice.signed_in_from.as_deref().filter(|name| !name.is_empty());
        page = page.not_accepted(&lang, &destination.rule.name, institution);
    }
    if let (Why::NotAsked, Some(institution)) = (choice.why, &choice.signed_in_from) {
        page = page.not_asked(&lang, institution);
    }
    if login::was_signed_out(visit, choice) {
        page = page.signed_out(&lang);
    }
    if let Some(provider) = sent_back(doors, visit) {
        page = page.sent_back(&lang, translated::name(provider, &lang.tag()).text);
    }
    if choice.local && !(all && local_is_among(doors)) {
        page = page.local(&lang, Some(&around.local_name()), around.local_href());
    }
    let mut response = render::page(doors, StatusCode::OK, &page, None);
    match institutions {
        Some(institutions) if !institutions.is_whole() => let_ask(&mut response),
        Some(_) => {}
        None => login::keep_mark(doors, visit, &mut response),
    }
    response
}

/// The institution that sent somebody back without a ticket just now. Anybody can write such an address, so it
/// only says which of our institutions is meant.
fn sent_back<'d>(doors: &'d Doors, visit: &Visit) -> Option<&'d Provider> {
    let suffix = visit.query.as_ref().ok()?.first("without")?;
    doors.app.config.directory.find(suffix).map(Arc::as_ref)
}

/// The institutions used before on this device, of those that are offered.
fn recent<'c>(visit: &Visit, choice: &'c Choice) -> Vec<&'c Provider> {
    let offered = |suffix: &String| choice.offered.iter().find(|provider| provider.suffix.same_as(suffix));
    visit.recent.iter().filter_map(offered).map(Arc::as_ref).collect()
}

fn first(
    doors: &Doors,
    lang: &Lang,
    asked: &LoginParams,
    choice: &Choice,
    institutions: &Institutions<'_>,
    recent: &[&Provider],
) -> SelectPage {
    // A hint that leads nowhere is at least something to search for.
    let q = asked.q.clone().or_else(|| asked.hint.clone()).unwrap_or_default();
    let more_href = match institutions.is_whole() {
        true => String::new(),
        false => doors.chrome.href(&render::with_query("/login/institutions", asked, "")),
    };
    let search = Search {
        shared: asked.shared,
        kept: login::kept(asked, "shared"),
        all_href: doors.chrome.href(&render::with_query("/login", asked, "choose=1")),
        q: q.clone(),
        more_href,
    };
    let stub = render::stub(doors, lang, choice.destination.as_ref());
    let found = institutions.found(&q, recent);
    SelectPage::first(&doors.chrome, lang, stub, search, (found, institutions.len()))
}

fn returning(
    doors: &Doors,
    visit: &Visit,
    around: &Around<'_>,
    asked: &LoginParams,
    choice: &Choice,
    recent: &[&Provider],
) -> SelectPage {
    let lang = visit.lang();
    let lt = form::token(&doors.app, &visit.guest, choice.now);
    let forget = Forget { lt: lt.expose().to_owned(), kept: login::kept(asked, "") };
    let entries = recent.iter().map(|provider| around.entry(provider, "")).collect();
    let other = doors.chrome.href(&render::with_query("/login", asked, "choose=1"));
    let stub = render::stub(doors, &lang, choice.destination.as_ref());
    let page = SelectPage::returning(&doors.chrome, &lang, stub, entries, forget, other);
    let Some(first) = recent.first().filter(|_| !asked.shared) else { return page };
    match skip(doors, visit, &lang, first, choice.now) {
        Some(button) => page.skip(button),
        None => page,
    }
}

/// The button that skips the selection page for an institution used before, or shows it again where it is skipped;
/// `None` where nobody may.
pub fn skip(doors: &Doors, visit: &Visit, lang: &Lang, provider: &Provider, now: Timestamp) -> Option<Press> {
    let life = doors.app.config.federation.skip_page?;
    Some(match jump::kept_skip(&doors.app, &visit.guest, now) {
        Some(_) => Press::ask(lang),
        None => Press::skip(lang, provider.suffix.as_str(), &provider.name, life),
    })
}
