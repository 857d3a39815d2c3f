//! The selection page: institutions as links, the ones used before first.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;

use crate::domain::choice::{answers, search_text};
use crate::domain::login::Why;
use crate::domain::provider::Provider;
use crate::flows::form;
use crate::flows::login::Choice;
use crate::protocol::params::LoginParams;

use super::doors::Doors;
use super::lang::Lang;
use super::pages::{Entry, Forget, Group, Search, SelectPage};
use super::visit::Visit;
use super::{login, render};

/// Draws it.
pub fn page(doors: &Doors, visit: &Visit, asked: &LoginParams, choice: &Choice) -> Response {
    let lang = visit.lang();
    let recent = recent(visit, choice);
    let all = asked.choose || asked.q.is_some() || recent.is_empty();
    let mut page = if all {
        first(doors, &lang, asked, choice)
    } else {
        returning(doors, visit, asked, choice, &recent)
    };
    if let (Why::AnotherAccount, Some(destination)) = (choice.why, &choice.destination) {
        let institution = choice.signed_in_from.as_deref().filter(|name| !name.is_empty());
        page = page.not_accepted(&lang, &destination.rule.name, institution);
    }
    if login::was_signed_out(visit, choice) {
        page = page.signed_out(&lang);
    }
    if choice.local {
        page = page.local(
            &lang,
            None,
            doors.chrome.href(&render::with_query("/login", asked, "provider=local")),
        );
    }
    let mut response = render::page(doors, StatusCode::OK, &page, None);
    if !all {
        login::keep_mark(doors, visit, &mut response);
    }
    response
}

/// The institutions used before on this device, of those that are offered.
fn recent<'c>(visit: &Visit, choice: &'c Choice) -> Vec<&'c Arc<Provider>> {
    let offered = |suffix: &String| choice.offered.iter().find(|provider| provider.suffix.same_as(suffix));
    visit.recent.iter().filter_map(offered).collect()
}

fn first(doors: &Doors, lang: &Lang, asked: &LoginParams, choice: &Choice) -> SelectPage {
    // A hint that leads nowhere is at least something to search for.
    let q = asked.q.clone().or_else(|| asked.hint.clone()).unwrap_or_default();
    let search = Search {
        shared: asked.shared,
        kept: login::kept(asked, "shared"),
        all_href: doors.chrome.href(&render::with_query("/login", asked, "choose=1")),
        q: q.clone(),
    };
    let stub = render::stub(doors, lang, choice.destination.as_ref());
    SelectPage::first(&doors.chrome, lang, stub, search, groups(doors, asked, choice, &q))
}

fn returning(
    doors: &Doors,
    visit: &Visit,
    asked: &LoginParams,
    choice: &Choice,
    recent: &[&Arc<Provider>],
) -> SelectPage {
    let lang = visit.lang();
    let lt = form::token(&doors.app, &visit.guest, choice.now);
    let forget = Forget { lt: lt.expose().to_owned(), kept: login::kept(asked, "") };
    let entries = recent.iter().map(|provider| entry(doors, asked, provider)).collect();
    let other = doors.chrome.href(&render::with_query("/login", asked, "choose=1"));
    let stub = render::stub(doors, &lang, choice.destination.as_ref());
    SelectPage::returning(&doors.chrome, &lang, stub, entries, forget, other)
}

/// Institutions by group; groups in the order of their first member. One group only needs no heading.
fn groups(doors: &Doors, asked: &LoginParams, choice: &Choice, q: &str) -> Vec<Group> {
    let mut groups: Vec<(Option<&str>, Vec<Entry>)> = Vec::new();
    for provider in &choice.offered {
        let mut entry = entry(doors, asked, provider);
        entry.hidden = !answers(provider, q);
        let name = provider.group.as_deref();
        match groups.iter_mut().find(|(group, _)| *group == name) {
            Some((_, entries)) => entries.push(entry),
            None => groups.push((name, vec![entry])),
        }
    }
    let only = groups.len() == 1;
    groups.into_iter().map(|(name, entries)| Group::new(name.filter(|_| !only), entries)).collect()
}

fn entry(doors: &Doors, asked: &LoginParams, provider: &Provider) -> Entry {
    let path = format!("/federate/{}", provider.suffix);
    Entry::new(
        &provider.name,
        provider.suffix.as_str(),
        doors.chrome.href(&render::with_query(&path, asked, "")),
        doors.logo(provider.logo.as_ref()),
        search_text(provider),
    )
}
