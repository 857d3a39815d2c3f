//! What good texts become.

use std::path::PathBuf;

use secrecy::ExposeSecret;

use super::{LEAST, config, env, texts};
use crate::config::Config;
use crate::config::backend::BackendKind;
use crate::config::federation::LocalAccount;
use crate::config::server::Listen;
use crate::config::site::Mark;
use crate::domain::pattern::SearchPattern;
use crate::domain::provider::CasVersion;
use crate::domain::rewrite::{Rewriting, Step};
use crate::domain::service_rule::{Addresses, Origin, UserField};
use crate::protocol::attributes::Value;

const MAIN: &str = r#"
[site]
name = "Meridian Sign-in"
logo = "brand.svg"
favicon = false
help = "mailto:help@meridian.example"

[server]
public_url      = "https://login.meridian.example/cas"
listen          = "unix:/run/passerelle/http.sock"
trusted_proxies = ["127.0.0.1", "10.1.2.3/8", "2001:db8::/32"]

[database]
url = "env:GOOD_DB"

[session]
idle = "90 min"
lifetime = "none"
single_identity = false
cookie_secret_file = "cookie.key"

[ticket]
service_validity = "30 s"
login_validity = "15 min"
keep_for_logout = "12 h"
tell_at_age = true
length = 80
service_length = 40
login_prefix = "LT"
service_prefix = "STx"

[logout]
timeout = "2.5 s"
parallel = 20
retry = ["1 s", "2 s"]

[federation]
remember = "30 d"
local_account = "hidden"

[clean]
every = "1 min"

[outbound]
ca_file = "ca.pem"
probe = "off"

[[backend]]
name = "fixed"
kind = "file"
path = "users.toml"

[[backend]]
name = "test"
kind = "test"
user = "demo@home.example"
password = "secret word"
attributes = { mail = "demo@home.example", alias = ["d1", "d2"], age = 41, height = 1.8, staff = true }
allow_test_backend = true
"#;

const USERS: &str = r#"
[[user]]
name = "lind"
password = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
attributes = { mail = "lind@meridian.example", groups = ["a", "b"] }
"#;

const PROVIDERS: &str = r#"
[[provider]]
suffix   = "northfield.example"
name     = "University of Northfield"
url      = "https://cas.northfield.example/cas/"
protocol = "2.0"
position = 5
display  = false
disabled = true
group         = "United Kingdom"
aliases       = ["UNF", "Northfield Uni"]
email_domains = ["northfield.example", "students.northfield.example"]
logo          = "logos/northfield.svg"
timeout       = "1500 ms"
ca_file       = "ca.pem"

[provider.username]
lowercase = true
accept    = '^[a-z0-9._-]{1,64}$'
strip_scope = ["Northfield.example"]
user_from = "uid"

[provider.attributes]
email       = "mail"
affiliation = { from = "eduPersonAffiliation", steps = [{ replace = 'f', with = 'g' }] }
campus      = { value = "north" }
phone       = { from = "telephoneNumber" }

[[provider]]
suffix = "altmark.example"
name = "Altmark"
url = "https://cas.altmark.example"
"#;

const SERVICES: &str = r#"
[[service]]
name     = "Research Wiki"
description = "Pages of all groups"
notice = "Read only on Sunday"
logo = "logos/northfield.svg"
position = 20
url      = ["https://wiki.meridian.example/**", "https://wiki-test.meridian.example/**"]
user_field = ""
providers  = ["Northfield.example", "local", "!fixed"]
usernames  = ["ana"]
explain_filter = true
attributes_on_v2 = false
single_log_out = false
single_log_out_callback = "https://wiki.meridian.example/slo?x=1"

[service.filter]
affiliation = '^(staff|student|member)$'
active = ["t.*", ".*e"]

[service.release]
mail        = "email"
displayName = "displayName"
role        = { from = "affiliation" }
home        = { value = "meridian" }
"*" = "*"

[[service]]
name = "Second"
pattern = '^https://second\.meridian\.example/.*'
user_field = "mail"
disabled = true

[[service]]
name = "Third"
url = "https://third.meridian.example/**"
single_log_out_callback = ""
"#;

fn full() -> crate::config::Config {
    let authority = rcgen::generate_simple_self_signed(["ca.example".to_owned()]).unwrap().cert.pem();
    config(&[
        ("passerelle.toml", MAIN),
        ("providers.d/all.toml", PROVIDERS),
        ("services.d/all.toml", SERVICES),
        ("users.toml", USERS),
        ("brand.svg", "<svg/>"),
        ("logos/northfield.svg", "<svg/>"),
        ("cookie.key", "0123456789abcdef0123456789abcdef\n"),
        ("ca.pem", &authority),
    ])
}

#[test]
fn everything_has_a_default_but_the_address() {
    let config = config(&[]);
    assert_eq!(config.site.name, "Sign-in");
    assert_eq!((config.site.logo, config.site.favicon), (Mark::BuiltIn, Mark::BuiltIn));
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:8090");
    assert_eq!(config.database.url.to_string(), "sqlite:passerelle.db");
    assert_eq!((config.lives.idle, config.lives.session), (Some(7200), Some(36000)));
    assert_eq!((config.lives.service_ticket, config.lives.login_ticket), (60, 1800));
    assert_eq!((config.ticket.keep_for_logout, config.lives.told_at_age), (86400, None));
    assert_eq!((config.ticket.login_length, config.ticket.service_length), (64, 32));
    assert_eq!((config.ticket.login_prefix.as_str(), config.ticket.service_prefix.as_str()), ("LT", "ST"));
    assert_eq!(config.logout.retry.iter().map(|t| t.as_secs()).collect::<Vec<_>>(), [10, 60, 180, 360]);
    assert_eq!((config.logout.timeout.as_secs(), config.logout.parallel), (5, 10));
    assert!(!config.federation.enabled && config.session.single_identity);
    assert_eq!((config.federation.remember, config.clean.every.as_secs()), (15_552_000, 300));
    assert!(config.directory.is_empty() && config.rules.is_empty() && config.backends.is_empty());
}

#[test]
fn the_main_file() {
    let config = full();
    assert_eq!(config.site.logo, Mark::File(PathBuf::from("brand.svg")));
    assert_eq!(config.site.favicon, Mark::None);
    assert_eq!(config.server.listen, Listen::Unix(PathBuf::from("/run/passerelle/http.sock")));
    let networks: Vec<_> = config.server.trusted_proxies.iter().map(ToString::to_string).collect();
    assert_eq!(networks, ["127.0.0.1/32", "10.0.0.0/8", "2001:db8::/32"]);
    assert_eq!(config.database.url.to_string(), "postgres://db.example/passerelle");
    assert_eq!((config.lives.idle, config.lives.session), (Some(5400), None));
    assert_eq!(config.lives.told_at_age, Some(43200));
    assert_eq!(config.session.cookie_secret.as_ref().unwrap().expose_secret().len(), 32);
    assert_eq!((config.ticket.login_length, config.ticket.service_length), (80, 40));
    assert_eq!(config.logout.timeout.as_millis(), 2500);
    assert_eq!(config.federation.local_account, LocalAccount::Hidden);
    assert!(config.federation.enabled);
}

#[test]
fn backends() {
    let config = full();
    let [fixed, test] = config.backends.as_slice() else { panic!("two back-ends") };
    let BackendKind::File { users, .. } = &fixed.kind else { panic!("a file") };
    assert_eq!((fixed.name.as_str(), users[0].name.as_str()), ("fixed", "lind"));
    assert!(users[0].password.expose_secret().starts_with("$argon2id$"));
    assert_eq!(users[0].attributes.get("groups").unwrap().len(), 2);
    let BackendKind::Test { user, password, attributes } = &test.kind else { panic!("a test") };
    assert_eq!((user.as_str(), password.expose_secret()), ("demo@home.example", "secret word"));
    assert_eq!(attributes.get("age").unwrap(), [Value::Integer(41)]);
    assert_eq!(attributes.get("height").unwrap(), [Value::Float(1.8)]);
    assert_eq!(attributes.get("staff").unwrap(), [Value::Bool(true)]);

    let plain = format!("{LEAST}[[backend]]\nname = \"test\"\nkind = \"test\"\n");
    let config = super::config(&[("passerelle.toml", &plain)]);
    let BackendKind::Test { user, attributes, .. } = &config.backends[0].kind else { panic!("a test") };
    assert_eq!(user, "test");
    assert_eq!(attributes.get("alias").unwrap().len(), 2);
}

#[test]
fn providers() {
    let config = full();
    let north = config.directory.find("northfield.example").unwrap();
    assert_eq!(north.url, "https://cas.northfield.example/cas");
    assert_eq!((north.protocol, north.position, north.approach.timeout_ms), (CasVersion::V2, 5, 1500));
    assert!(north.disabled && !north.display && north.names.lowercase);
    assert_eq!(north.email_domains.len(), 2);
    assert_eq!(north.logo.as_deref(), Some("logos/northfield.svg"));
    assert_eq!(
        (&north.names.strip_scope[..], north.names.user_from.as_deref()),
        (&["northfield.example".to_owned()][..], Some("uid"))
    );
    let steps = vec![Step::new(SearchPattern::new("f").unwrap(), "g").unwrap()];
    let origins = [
        ("email", Origin::Attribute("mail".to_owned())),
        ("affiliation", Origin::Rewritten("eduPersonAffiliation".to_owned(), Rewriting::new(steps))),
        ("campus", Origin::Fixed("north".to_owned())),
        ("phone", Origin::Attribute("telephoneNumber".to_owned())),
    ];
    let origins = origins.map(|(ours, origin)| (ours.to_owned(), origin));
    assert_eq!(north.attributes.as_deref(), Some(&origins[..]));
    let altmark = config.directory.find("altmark.example").unwrap();
    assert_eq!(
        (altmark.protocol, altmark.position, altmark.approach.timeout_ms),
        (CasVersion::V3, 100, 5000)
    );
    assert!(altmark.attributes.is_none() && altmark.names.accept.is_none() && !altmark.disabled);

    let off = format!("{LEAST}[federation]\nenabled = false\n");
    let plain = "[[provider]]\nsuffix = \"a\"\nname = \"A\"\nurl = \"https://cas.a.example\"\n";
    let config = super::config(&[("passerelle.toml", &off), ("providers.d/a.toml", plain)]);
    assert!(!config.federation.enabled);
    assert!(config.directory.iter().all(|provider| provider.disabled));
}

#[test]
fn services() {
    let config = full();
    let wiki = config.rules.named("Research Wiki").unwrap();
    assert!(matches!(&wiki.addresses, Addresses::Urls(patterns) if patterns.len() == 2));
    assert_eq!((&wiki.user_field, wiki.position), (&UserField::LoginName, 20));
    assert_eq!(wiki.filter.iter().map(|(_, patterns)| patterns.len()).collect::<Vec<_>>(), [1, 2]);
    assert!(wiki.release.all && wiki.explain_filter && !wiki.attributes_on_v2 && !wiki.single_log_out);
    assert_eq!(
        wiki.release.named,
        [
            ("mail".to_owned(), Origin::Attribute("email".to_owned())),
            ("displayName".to_owned(), Origin::Attribute("displayName".to_owned())),
            ("role".to_owned(), Origin::Attribute("affiliation".to_owned())),
            ("home".to_owned(), Origin::Fixed("meridian".to_owned())),
        ]
    );
    let second = config.rules.named("Second").unwrap();
    assert!(matches!(&second.addresses, Addresses::Pattern(_)) && second.disabled);
    assert_eq!(second.user_field, UserField::Attribute("mail".to_owned()));
    let third = config.rules.named("Third").unwrap();
    assert!(third.single_log_out && third.attributes_on_v2 && third.single_log_out_callback.is_none());
}

#[test]
fn debug_tells_no_secret() {
    let shown = format!("{:?}", full());
    for secret in ["hunter2", "secret word", "argon2id", "0123456789abcdef"] {
        assert!(!shown.contains(secret), "{secret}");
    }
}

#[test]
fn no_text_breaks_the_reader() {
    for (name, text) in
        [("passerelle.toml", MAIN), ("providers.d/a.toml", PROVIDERS), ("services.d/a.toml", SERVICES)]
    {
        for end in (0..text.len()).step_by(5) {
            let cut = format!("{}é\n{}", &text[..end], &text[end..].replace("true", "\"\u{1b}"));
            let problems = super::problems(&[(name, &text[..end]), ("users.toml", USERS)]);
            problems.text(true, "");
            super::problems(&[(name, &cut), ("users.toml", USERS)]).text(false, "");
        }
    }
}

#[test]
fn services_that_nobody_uses_are_told_unless_that_is_allowed() {
    let wiki = "[[service]]\nname = \"Wiki\"\nurl = \"https://wiki.example/**\"\n";
    let forms = "[[service]]\nname = \"Forms\"\nallow = [\"W017\"]\nurl = \"https://forms.example/**\"\n";
    let files = [("services.d/a.toml", wiki), ("services.d/b.toml", forms)];
    let unused = ["Wiki", "Forms", "Gone"].map(str::to_owned).into();
    let (_, warnings) = Config::read_knowing(&texts(&files), &env, &unused).unwrap();
    let told: Vec<_> = warnings.iter().map(|warning| (warning.code, warning.address())).collect();
    assert_eq!(told, [(Some("W017"), "services.d/a.toml:1:1".to_owned())]);
}

#[test]
fn where_somebody_comes_from_is_told_as_it_is() {
    let lines = "provider = \"provider\"\nproviderName = \"providerName\"\nbackend = \"backend\"\nhome = \"provider\"";
    let service =
        format!("[[service]]\nname = \"A\"\nurl = \"https://a.example/**\"\n[service.release]\n{lines}\n");
    let config = config(&[("services.d/a.toml", &service)]);
    let rule = config.rules.named("A").unwrap();
    let told: Vec<_> = rule.release.named.iter().map(|(seen, _)| seen.as_str()).collect();
    assert_eq!(told, ["provider", "providerName", "backend", "home"]);
}
