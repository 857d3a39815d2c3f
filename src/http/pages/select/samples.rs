//! The page in each of its states, for the test that renders all pages.

use super::*;

impl SelectPage {
    pub(in crate::http::pages) fn samples(chrome: &Chrome, lang: &Lang) -> Vec<(&'static str, Self)> {
        let entry = |name: &str, suffix: &str| {
            let href = chrome.href(&format!("/federate/{suffix}?service=https%3A%2F%2Fcatalogue.example%2F"));
            Entry::new(name, suffix, href, None, "short city|")
        };
        let groups = || {
            vec![
                Group::new(Some("France"), vec![entry("École polytechnique de Valmont", "valmont.example")]),
                Group::new(
                    Some("United Kingdom"),
                    vec![
                        entry("Northfield Teaching Hospital", "nth.example"),
                        entry("University of Northfield", "northfield.example"),
                    ],
                ),
            ]
        };
        let kept = vec![Pair::new("service", "https://catalogue.example/?a=1&b=\"2\"")];
        let search = |q: &str| Search {
            q: q.to_owned(),
            shared: !q.is_empty(),
            kept: kept.clone(),
            all_href: chrome.href("/login?choose=1"),
            more_href: String::new(),
        };
        let found_of = |q: &str, groups: Vec<Group>, all: usize| {
            (Found::new(chrome, lang, q, (Vec::new(), groups), all), 3)
        };
        let mut found = groups();
        found.remove(0);
        let (mut hidden, mut nothing) = (groups().remove(0), groups());
        hidden.entries.iter_mut().for_each(|entry| entry.hidden = true);
        found.insert(0, Group::new(Some("France"), hidden.entries));
        for group in &mut nothing {
            group.entries.iter_mut().for_each(|entry| entry.hidden = true);
            group.hidden = true;
        }
        let one = vec![Group::new(None, groups().remove(1).entries)];
        let recent = || {
            vec![
                entry("University of Northfield", "northfield.example"),
                entry("Observatoire des Cévennes", "obs-cevennes.example"),
            ]
        };
        let forget = Forget { lt: "LT-example".to_owned(), kept: kept.clone() };
        let other = chrome.href("/login?choose=1");
        let talkative = vec![
            entry("École polytechnique de Valmont", "valmont.example").in_language(Some("fr")),
            entry("Hochschule für Künste Altmark", "altmark.example")
                .silent(lang, 1_767_264_120, 1_767_265_000)
                .help(lang, "https://it.altmark.example/help"),
            entry("Northfield Teaching Hospital", "nth.example").silent(lang, 1_767_264_120, 1_767_965_000),
            entry("University of Northfield", "northfield.example")
                .notice("Closed for repair on Sunday.", None)
                .help(lang, "mailto:it@northfield.example"),
            Entry::local("Visitors", chrome.href("/login?provider=local"), "visitors|"),
        ];
        let above = vec![entry("Northfield", "nf.example")];
        let many = Search { more_href: chrome.href("/login/institutions"), ..search("n") };
        let first =
            |stub, q: &str, groups, all| Self::first(chrome, lang, stub, search(q), found_of(q, groups, all));
        vec![
            (
                "first",
                first(Some(Stub::talkative()), "", groups(), 3).local(
                    lang,
                    None,
                    chrome.href("/login?provider=local"),
                ),
            ),
            ("talkative", first(Some(Stub::sample()), "", vec![Group::new(None, talkative)], 5)),
            ("found", first(Some(Stub::sample()), "north", found, 2)),
            ("many", Self::first(chrome, lang, None, many, found_of("n", groups(), 812))),
            (
                "above",
                Self::first(
                    chrome,
                    lang,
                    None,
                    search("northfield"),
                    (Found::new(chrome, lang, "northfield", (above, groups()), 4), 4),
                ),
            ),
            ("nothing", first(Some(Stub::sample()), "<b>nowhere", nothing, 0)),
            (
                "not-accepted",
                first(None, "", one, 2).not_accepted(lang, "Research Wiki", Some("Ashdown College")),
            ),
            ("signed-out", first(None, "", groups(), 3).signed_out(lang)),
            ("sent-back", first(None, "", groups(), 3).sent_back(lang, "University of Northfield")),
            (
                "returning",
                Self::returning(chrome, lang, Some(Stub::sample()), recent(), forget.clone(), other.clone())
                    .skip(Press::skip(lang, "northfield.example", "University of Northfield", 30 * DAY)),
            ),
            (
                "returning-refused",
                Self::returning(chrome, lang, Some(Stub::sample()), recent(), forget, other)
                    .not_accepted(lang, "Research Wiki", None)
                    .local(lang, Some("Use a visitor account"), chrome.href("/login?provider=local")),
            ),
        ]
    }
}
