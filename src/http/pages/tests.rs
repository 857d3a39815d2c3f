//! All pages in all states.

use std::collections::BTreeSet;
use std::fs;

use askama::Template;
use regex::Regex;

use super::*;
use crate::http::assets::Assets;
use crate::http::lang::Lang;

fn chrome(assets: &Assets) -> Chrome {
    Chrome {
        base: "/cas".to_owned(),
        css: assets.css(),
        js: assets.js(),
        site_name: "Meridian Sign-in".to_owned(),
        logo: Some(assets.brand()),
        favicon: Some(assets.favicon()),
        help: Some("mailto:help@meridian.example".to_owned()),
    }
}

/// An installation that has switched everything off.
fn bare() -> Chrome {
    Chrome { site_name: "Plain".to_owned(), css: "/static/x.css".to_owned(), ..Chrome::default() }
}

fn rendered(chrome: &Chrome, lang: &Lang) -> Vec<(String, String)> {
    fn all<T: Template>(page: &str, samples: Vec<(&'static str, T)>) -> Vec<(String, String)> {
        samples.into_iter().map(|(state, view)| (format!("{page}/{state}"), view.render().unwrap())).collect()
    }
    [
        all("select", SelectPage::samples(chrome, lang)),
        all("login", LoginPage::samples(chrome, lang)),
        all("password", NewPasswordPage::samples(chrome, lang)),
        all("warn", WarnPage::samples(chrome, lang)),
        all("logged", LoggedPage::samples(chrome, lang)),
        all("leave", LeavePage::samples(chrome, lang)),
        all("logout", LogoutPage::samples(chrome, lang)),
        all("error", ErrorPage::samples(chrome, lang)),
        all("exit", ExitPage::samples(chrome, lang)),
        all("operator", OperatorPage::samples(chrome, lang)),
    ]
    .concat()
}

#[test]
fn every_page_in_every_state_and_language_keeps_the_rules() {
    let assets = Assets::new("/cas");
    for lang in Lang::all() {
        for chrome in [chrome(&assets), bare()] {
            for (name, html) in rendered(&chrome, &lang) {
                keeps_the_rules(&name, &html, &lang);
            }
        }
    }
}

fn keeps_the_rules(name: &str, html: &str, lang: &Lang) {
    let count = |pattern: &str| Regex::new(pattern).unwrap().find_iter(html).count();
    assert!(html.starts_with("<!doctype html>"), "{name}");
    assert_eq!(count("<h1[ >]"), 1, "{name}: one h1");
    assert_eq!(count(&format!(r#"<html lang="{}" dir="{}">"#, lang.tag(), lang.dir())), 1, "{name}");
    assert_eq!(count("<title>[^<]+</title>"), 1, "{name}: a title");
    assert_eq!(count(r"\sstyle\s*="), 0, "{name}: the policy forbids style attributes");
    assert_eq!(count(r"\son[a-z]+\s*="), 0, "{name}: the policy forbids handlers");
    assert_eq!(count("<style"), 0, "{name}");
    assert_eq!(count("<script"), count(r#"<script src="[^"]*" defer></script>"#), "{name}: no inline script");
    assert_eq!(
        count(r#"<(?:script|img|link)\b[^>]*(?:src|href)="(?:[a-z]+:|//)"#),
        0,
        "{name}: nothing from elsewhere"
    );
    assert_eq!(count(r#"<img (?:[^>]*)alt="#), count("<img "), "{name}: images have a text");
    assert_eq!(
        count(r#"(?:href|src|action|class|id|for|aria-[a-z]+)="\s*""#),
        0,
        "{name}: an empty attribute"
    );
    assert_eq!(count("<p[^>]*></p>|<h2[^>]*></h2>|<strong></strong>|<b></b>"), 0, "{name}: an empty element");
    assert!(!html.contains('\u{2068}') && !html.contains('\u{E000}') && !html.contains("unnamed"), "{name}");
    ids_are_unique_and_found(name, html);
    a_summary_leads_to_the_fields(name, html);
    forms_of_ours_carry_the_token(name, html);
}

fn ids_are_unique_and_found(name: &str, html: &str) {
    let ids: Vec<_> = captures(r#" id="([^"]+)""#, html);
    let known: BTreeSet<_> = ids.iter().cloned().collect();
    assert_eq!(ids.len(), known.len(), "{name}: {ids:?}");
    let pointing =
        r#" (?:for|form|aria-labelledby|aria-describedby|data-reveal|data-caps|data-copy)="([^"]+)""#;
    for list in captures(pointing, html) {
        for id in list.split(' ') {
            assert!(known.contains(id), "{name}: nothing has the id {id}");
        }
    }
}

/// Whoever hears what is wrong gets from there to each field that says it too; where all are wrong together, to
/// the first.
fn a_summary_leads_to_the_fields(name: &str, html: &str) {
    let links = captures(r##"<a (?:[^>]*)href="#([^"]+)""##, html);
    for link in &links {
        assert!(html.contains(&format!(r#" id="{link}""#)), "{name}: #{link} leads nowhere");
    }
    let fields = captures(r#"<input ([^>]*aria-invalid="true"[^>]*)>"#, html);
    for (number, field) in fields.iter().enumerate() {
        let id = captures(r#"id="([^"]+)""#, field).remove(0);
        let has_own = !field.contains(r#"aria-describedby="err""#);
        assert!(links.contains(&id) || (number > 0 && !has_own), "{name}: no link to {id}");
    }
}

fn forms_of_ours_carry_the_token(name: &str, html: &str) {
    let forms = captures(r#"(?s)<form ([^>]*method="post"[^>]*>.*?)</form>"#, html);
    for form in forms {
        // The one form that leaves us carries a ticket and nothing of ours.
        let leaves = form.contains(r#"action="http"#);
        assert_eq!(leaves, form.contains(r#"name="ticket""#), "{name}");
        assert_eq!(!leaves, form.contains(r#"name="lt""#), "{name}");
    }
}

fn captures(pattern: &str, html: &str) -> Vec<String> {
    Regex::new(pattern).unwrap().captures_iter(html).map(|found| found[1].to_owned()).collect()
}

#[test]
fn what_people_type_stays_text() {
    let lang = Lang::default();
    let pages = rendered(&bare(), &lang);
    let page = |name: &str| pages.iter().find(|(n, _)| n == name).map(|(_, html)| html.as_str()).unwrap();
    assert!(page("select/nothing").contains("&#60;b&#62;nowhere"));
    assert!(!page("select/nothing").contains("<b>nowhere"));
    assert!(page("exit/service").contains(r#"content="0; url=https://catalogue.northlibraries.example/?q=&#39;a&#39;;&#34;b&#34;&#38;ticket=ST-1""#));
}

#[test]
fn titles_tell_state_service_and_site() {
    let lang = Lang::default();
    let assets = Assets::new("");
    let pages = rendered(&chrome(&assets), &lang);
    let title = |name: &str| {
        let (_, html) = pages.iter().find(|(n, _)| n == name).unwrap();
        captures("<title>([^<]+)</title>", html).remove(0)
    };
    assert_eq!(title("select/first"), "Choose your institution – Library Catalogue – Meridian Sign-in");
    assert_eq!(title("login/empty"), "Sign in – Meridian Sign-in");
    assert!(title("login/wrong").starts_with("Error: Wrong user name or password – "));
    assert_eq!(title("logout/no-services"), "You are signed out – Meridian Sign-in");
    assert_eq!(title("logout/nothing"), "You were not signed in – Meridian Sign-in");
    assert_eq!(title("logout/unknown"), "You are not signed in – Meridian Sign-in");
    assert_eq!(title("leave/all"), "Sign out of Meridian Sign-in on all your devices? – Meridian Sign-in");
    assert!(title("error/server.error").starts_with("Error: "));
}

/// To look at them: `PAGES=/tmp/pages cargo test write_the_pages -- --ignored`.
#[test]
#[ignore = "writes files for the eye"]
fn write_the_pages() {
    let folder = std::env::var("PAGES").expect("PAGES names a folder");
    let mut chrome = chrome(&Assets::new(""));
    fs::create_dir_all(&folder).unwrap();
    let assets = Assets::new("");
    for path in [assets.css(), assets.js(), assets.brand(), assets.favicon()] {
        let name = path.strip_prefix("/static/").unwrap();
        fs::write(format!("{folder}/{name}"), &assets.get(name).unwrap().bytes).unwrap();
    }
    let here = |path: String| path.strip_prefix("/static/").unwrap().to_owned();
    chrome.css = here(assets.css());
    chrome.js = here(assets.js());
    chrome.logo = Some(here(assets.brand()));
    chrome.favicon = Some(here(assets.favicon()));
    for (name, html) in rendered(&chrome, &Lang::default()) {
        fs::write(format!("{folder}/{}.html", name.replace('/', "-")), html).unwrap();
    }
}
