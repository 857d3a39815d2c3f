//! Warnings about services: what is allowed, but seldom meant.

use insta::assert_snapshot;

use super::{LEAST, problems};

fn pattern(pattern: &str) -> String {
    format!("[[service]]\nname = \"Wiki\"\npattern = '{pattern}'\n")
}

fn printed(text: &str) -> String {
    problems(&[("services.d/99-legacy.toml", text)]).text(false, "")
}

/// The codes of what is told, with their places.
fn codes(text: &str) -> String {
    let told = problems(&[("services.d/a.toml", text)]);
    let codes = told.iter().map(|p| format!("{} {}:{}", p.code.unwrap_or("error"), p.line, p.column));
    codes.collect::<Vec<_>>().join(", ")
}

#[test]
fn nothing_behind_the_host() {
    assert_snapshot!(printed(&pattern(r"^https://wiki\.meridian\.example")), @r#"
    warning[W012]: this pattern matches none of the pages of https://wiki.meridian.example
      --> services.d/99-legacy.toml:3:44
       |
     3 | pattern = '^https://wiki\.meridian\.example'
       |                                            ^ nothing follows the host
       |
       = service "Wiki" (line 1)
       = help: write url = "https://wiki.meridian.example/**"

    passerelle: 1 warning.
    "#);
}

#[test]
fn patterns_that_are_seldom_meant() {
    for (text, expected) in [
        (r"^https://wiki\.meridian\.example(/.*)?$", ""),
        (r"^https://wiki\.meridian\.example/$", ""),
        (r"^https://wiki\.meridian\.example$", "W012 3:45"),
        (r"^https://(wiki|www)\.meridian\.example$", "W012 3:51"),
        (r"^https://Wiki\.meridian\.example/.*", "W012 3:11"),
        (r"^https://wiki.meridian\.example/.*", "W013 3:25"),
        (r"^https://wiki\.meridian\.example/a.b", ""),
        (r"^https?://wiki\.meridian\.example/.*", "W014 3:13"),
        (r"^http(s)?://wiki\.meridian\.example/.*", "W014 3:11"),
        (r"^http://wiki\.meridian\.example/.*", ""),
        (r"^https?://wiki.meridian\.example", "W014 3:13, W013 3:26"),
        (r"^imap://mail\.meridian\.example$", "W016 3:11"),
        (r"^(?!https://a)https://wiki\.meridian\.example", "W012 3:57"),
    ] {
        assert_eq!(codes(&pattern(text)), expected, "{text}");
    }
    let mail = pattern(r"^imap://mail\.meridian\.example$");
    for more in ["single_log_out = false", "single_log_out_callback = \"https://mail.meridian.example/slo\""]
    {
        assert_eq!(codes(&format!("{mail}{more}\n")), "");
    }
}

#[test]
fn services_that_nothing_reaches() {
    let earlier = "[[service]]\nname = \"All\"\nposition = 1\nurl = \"https://wiki.meridian.example/**\"\n";
    let text =
        format!("[[service]]\nname = \"App\"\nurl = \"https://wiki.meridian.example/app/**\"\n{earlier}");
    assert_snapshot!(printed(&text), @r#"
    warning[W015]: no address ever reaches this service
      --> services.d/99-legacy.toml:3:7
       |
     3 | url = "https://wiki.meridian.example/app/**"
       |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ all are taken by "All" at services.d/99-legacy.toml:7:7
       |
       = service "App" (line 1)
       = help: give it a smaller `position`, or take it out

    passerelle: 1 warning.
    "#);
}

#[test]
fn warnings_may_be_allowed() {
    let odd = pattern(r"^https?://wiki.meridian\.example/.*");
    assert_eq!(codes(&odd), "W014 3:13, W013 3:26");
    assert_eq!(codes(&format!("{odd}allow = [\"W014\"]\n")), "W013 3:26");
    assert_eq!(codes(&format!("{odd}allow = [\"W014\", \"W013\"]\n")), "");
    let main =
        format!("{LEAST}[check]\nallow = [\"W013\", \"W020\"]\n[[backend]]\nname = \"t\"\nkind = \"test\"\n");
    let files = [("passerelle.toml", main.as_str()), ("services.d/a.toml", &odd)];
    let told: Vec<_> = problems(&files).iter().map(|problem| problem.code).collect();
    assert_eq!(told, [Some("W002"), Some("W014")]);
    assert!(problems(&files[..1]).iter().all(|problem| problem.code != Some("W020")));
    // An error is not allowed by any code.
    assert_eq!(codes(&format!("{}allow = [\"W011\"]\n", pattern("^https://.*"))), "error 3:11");
}

#[test]
fn institutions_hand_over_by_https() {
    let provider = |protocol: &str| {
        let north = "[[provider]]\nsuffix = \"north.example\"\nname = \"North\"\nurl = \"https://cas.north.example\"\n";
        format!("{north}protocol = \"{protocol}\"\nproxy_to = [\"https://mail.north.example/**\"]\n")
    };
    let told = |main: &str, protocol: &str| {
        let (main, provider) = (format!("{main}[check]\nallow = [\"W001\", \"W020\"]\n"), provider(protocol));
        let told = problems(&[("passerelle.toml", main.as_str()), ("providers.d/a.toml", &provider)]);
        told.iter().map(|problem| problem.code.unwrap_or("error")).collect::<Vec<_>>().join(", ")
    };
    let plain = LEAST.replace("https://", "http://");
    assert_ne!(plain, LEAST);
    assert_eq!((told(LEAST, "3.0").as_str(), told(&plain, "2.0").as_str()), ("", "W025"));
    assert_eq!(told(LEAST, "1.0"), "error", "it hands nothing over");
    assert_eq!(told(LEAST, "saml1"), "error");
}

#[test]
fn an_attribute_names_people_of_one_source() {
    let provider = |suffix: &str| {
        format!("[[provider]]\nsuffix = \"{suffix}\"\nname = \"{suffix}\"\nurl = \"https://cas.{suffix}\"\n")
    };
    let (north, both) =
        (provider("north.example"), format!("{}{}", provider("north.example"), provider("south.example")));
    let staff = format!("{LEAST}[[backend]]\nname = \"staff\"\nkind = \"test\"\nallow_test_backend = true\n");
    let told = |main: &str, providers: &str, keys: &str| {
        let main = format!("{main}[check]\nallow = [\"W002\"]\n");
        let wiki = format!("[[service]]\nname = \"Wiki\"\nurl = \"https://wiki.example/**\"\n{keys}\n");
        let files = [
            ("passerelle.toml", main.as_str()),
            ("providers.d/a.toml", providers),
            ("services.d/a.toml", &wiki),
        ];
        let told = problems(&files);
        let codes = told.iter().map(|p| format!("{} {}:{}", p.code.unwrap_or("error"), p.line, p.column));
        codes.collect::<Vec<_>>().join(", ")
    };
    let mail = "user_field = \"mail\"";
    let only = |list: &str| format!("{mail}\nproviders = [{list}]");
    for (main, providers, keys, expected) in [
        (LEAST, &both, mail.to_owned(), "W030 4:14"),
        (&staff, &north, mail.to_owned(), "W030 4:14"),
        (&staff, &both, only("\"!local\""), "W030 4:14"),
        (&staff, &both, only("\"local\""), ""),
        (&staff, &both, only("\"SOUTH.example\""), ""),
        (&staff, &north, only("\"!staff\""), ""),
        (LEAST, &north, mail.to_owned(), ""),
        (LEAST, &both, "user_field = \"@pairwise\"".to_owned(), ""),
        (LEAST, &both, String::new(), ""),
        (LEAST, &both, format!("{mail}\nallow = [\"W030\"]"), ""),
    ] {
        assert_eq!(told(main, providers, &keys), expected, "{keys}");
    }
}

#[test]
fn whoever_says_the_key_chooses_whose_attributes_are_read() {
    let table = "[[backend]]\nname = \"people\"\nkind = \"sql\"\nurl = \"sqlite:p.db\"\nsign_in = false\n";
    let provider = |more: &str| {
        let suffix = if more.contains("bare") { "north" } else { "north.example" };
        let first = format!("[[provider]]\nsuffix = \"{suffix}\"\nname = \"North\"\n");
        format!("{first}url = \"https://cas.north.example\"\n{}\n", more.trim_start_matches("bare"))
    };
    let told = |keys: &str, providers: &str| {
        let source = format!("[[attributes]]\nbackend = \"people\"\n{keys}\n");
        let main = format!("{LEAST}[check]\nallow = [\"W020\"]\n{table}{source}");
        let told = problems(&[("passerelle.toml", main.as_str()), ("providers.d/a.toml", providers)]);
        let key = main.lines().count();
        let codes =
            told.iter().map(|p| format!("{} {}:{}", p.code.unwrap_or("error"), p.line == key, p.column));
        codes.collect::<Vec<_>>().join(", ")
    };
    let mail = "key = \"mail\"";
    for (keys, more, expected) in [
        (mail, "", "W042 true:7"),
        ("for = []\nkey = \"mail\"", "", "W042 true:7"),
        (mail, "[provider.attributes]\nmail = \"email\"", "W042 true:7"),
        (
            mail,
            "[provider.attributes]\nmail = { from = \"eppn\", replace = \"@.*\", with = \"\" }",
            "W042 true:7",
        ),
        // Nobody chooses it, or whoever may is named.
        (mail, "[provider.attributes]\nname = \"cn\"", ""),
        (mail, "[provider.attributes]\nmail = { value = \"guest@home.example\" }", ""),
        (mail, "protocol = \"1.0\"", ""),
        ("for = [\"north.example\"]\nkey = \"mail\"", "", ""),
        ("for = [\"people\"]\nkey = \"mail\"", "", ""),
        ("key = \"user\"", "", ""),
        ("", "", ""),
        ("key = \"provider\"", "", ""),
        // What a scope holds is its own, unless it has none.
        ("key = \"eduPersonPrincipalName\"", "", ""),
        ("key = \"eduPersonPrincipalName\"", "bare", "W042 true:7"),
        (mail, "scoped_attributes = [\"mail\"]", ""),
        (mail, "[provider.attributes]\nmail = \"eduPersonPrincipalName\"", ""),
    ] {
        assert_eq!(told(keys, &provider(more)), expected, "{keys} {more}");
    }
    assert_eq!(told(mail, ""), "", "no institution");
}
