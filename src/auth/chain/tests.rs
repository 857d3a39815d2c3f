use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use argon2::Argon2;
use argon2::password_hash::PasswordHasher;

use super::super::{Answer, Down};
use super::*;
use crate::config::backend::check::{PasswordCheck, Stored};
use crate::config::{BackendKind, FileUser};
use crate::domain::pattern::WholePattern;
use crate::protocol::attributes::Value;
use crate::store::DatabaseUrl;
use crate::store::Store;

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

fn mail(address: &str) -> Attributes {
    let mut attributes = Attributes::new();
    attributes.push("mail", Value::from(address));
    attributes
}

fn file(name: &str, users: Vec<FileUser>, names: &str) -> Backend {
    let kind = BackendKind::File { users, stored: Stored::in_utf_8(PasswordCheck::Argon2) };
    let names = (!names.is_empty()).then(|| WholePattern::new(names).unwrap());
    Backend { name: name.to_owned(), kind, hidden: vec!["Room".to_owned()], names, signs_in: true }
}

async fn around(suffixes: &[&str]) -> Surroundings {
    let suffixes = suffixes.iter().map(|suffix| Suffix::parse(suffix).unwrap()).collect();
    let store = Store::open(&DatabaseUrl::Memory).await.unwrap();
    Surroundings { suffixes, store, further_ca: None }
}

async fn backends(user: &str, attributes: Attributes) -> Backends {
    let user = FileUser { name: user.to_owned(), password: "$argon2id$none".into(), attributes };
    Backends::new(&[file("staff", vec![user], "")], around(&[]).await).unwrap()
}

/// A back-end with one person, that counts its questions; down, if it is told to be.
#[derive(Default)]
struct Puppet {
    knows: &'static str,
    gives: Option<&'static str>,
    down: bool,
    asked: AtomicUsize,
}

impl Puppet {
    fn of(knows: &'static str) -> Arc<Self> {
        Arc::new(Self { knows, ..Self::default() })
    }

    fn down() -> Arc<Self> {
        Arc::new(Self { down: true, ..Self::default() })
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

impl Authenticator for Puppet {
    fn check<'a>(&'a self, name: &'a str, password: &'a SecretString, _: &'a Steps) -> Answer<'a, Verdict> {
        Box::pin(async move {
            self.asked.fetch_add(1, Ordering::Relaxed);
            if self.down {
                return Err(Down::Silent("not there".to_owned()));
            }
            Ok(match (name == self.knows, password.expose_secret()) {
                (false, _) => Verdict::Unknown,
                (true, "right") => {
                    let name = self.gives.unwrap_or(name).to_owned();
                    Verdict::Right { name, attributes: Attributes::new() }
                }
                (true, _) => Verdict::Wrong,
            })
        })
    }
}

/// Back-ends in this order, each with the pattern of its names.
async fn chain(list: &[(&str, &Arc<Puppet>, &str)]) -> Backends {
    let configured: Vec<Backend> =
        list.iter().map(|(name, _, names)| file(name, Vec::new(), names)).collect();
    let all = Backends::new(&configured, around(&["North.example"]).await).unwrap();
    list.iter().fold(all, |all, (name, one, _)| all.with(name, Arc::clone(one) as Arc<dyn Authenticator>))
}

/// Who signs in, by the label of the source.
async fn signs_in(all: &Backends, name: &str, password: &str) -> Result<Option<String>, BackendDown> {
    Ok(match all.check(name, &password.into()).await? {
        Checked::Right(person) => Some(person.identity.source.label().to_owned()),
        Checked::MustChange(_) | Checked::Nobody => None,
    })
}

#[tokio::test]
async fn the_first_that_knows_the_name_decides() {
    let (first, second, third) = (Puppet::of("ben"), Puppet::of("ada"), Puppet::of("ada"));
    let all = chain(&[("a", &first, ""), ("b", &second, ""), ("c", &third, "")]).await;
    assert_eq!(signs_in(&all, "ada", "right").await, Ok(Some("b".to_owned())));
    assert_eq!(signs_in(&all, "ada", "wrong").await, Ok(None));
    assert_eq!(
        (first.asked(), second.asked(), third.asked()),
        (2, 2, 0),
        "a second of the name is never asked"
    );
    assert_eq!(signs_in(&all, "cleo", "right").await, Ok(None));
    assert_eq!(third.asked(), 1);
}

#[tokio::test]
async fn one_that_is_down_is_no_wrong_password_and_others_go_on() {
    let (down, staff) = (Puppet::down(), Puppet::of("ada"));
    let all = chain(&[("x", &down, "x-.*"), ("staff", &staff, "")]).await;
    let error = all.check("x-ray", &"right".into()).await.unwrap_err();
    assert_eq!((error.backend.as_deref(), error.reason.as_str()), (Some("x"), "not there"));
    assert_eq!((down.asked(), staff.asked()), (1, 0), "nobody behind it");
    assert_eq!(signs_in(&all, "ada", "right").await, Ok(Some("staff".to_owned())));
    // The pattern is held against the whole name, in its canonical form.
    assert_eq!(signs_in(&all, "ax-ray", "right").await, Ok(None));
    assert_eq!(down.asked(), 1);
    let accents = chain(&[("x", &down, "\u{e9}t\u{e9}")]).await;
    assert!(accents.check("e\u{301}te\u{301}", &"right".into()).await.is_err());
}

#[tokio::test]
async fn a_name_of_an_institution_is_asked_of_nobody_and_taken_from_nobody() {
    let staff = Puppet::of("ada");
    let evil = Arc::new(Puppet { knows: "eve", gives: Some("ada@north.EXAMPLE"), ..Puppet::default() });
    let all = chain(&[("staff", &staff, ""), ("evil", &evil, "")]).await;
    for name in ["ada@north.example", "ada@NORTH.Example", "x@y@north.example", "", "a b", "ada\u{200b}"] {
        assert_eq!(signs_in(&all, name, "right").await, Ok(None), "{name:?}");
    }
    assert_eq!((staff.asked(), evil.asked()), (0, 0));
    assert_eq!(signs_in(&all, "eve", "right").await, Ok(None));
    assert_eq!(evil.asked(), 1);
    assert_eq!(signs_in(&all, "ada@home.example", "right").await, Ok(None));
    assert_eq!(evil.asked(), 2, "an address that is nobody's suffix is a name");
}

/// Directories and tables fold letters: whoever is `own` there is nobody's `oWn` here.
#[tokio::test]
async fn a_name_that_another_one_knows_is_not_given() {
    let users = || vec![user("own", 64)];
    let folds = |gives| Arc::new(Puppet { knows: "oWn", gives: Some(gives), ..Puppet::default() });
    let all = async |names: &str, gives| {
        let two = [file("staff", users(), ""), file("folds", Vec::new(), names)];
        Backends::new(&two, around(&[]).await).unwrap().with("folds", folds(gives))
    };
    assert_eq!(signs_in(&all("", "own").await, "oWn", "right").await, Ok(None));
    assert_eq!(signs_in(&all("", "free").await, "oWn", "right").await, Ok(Some("folds".to_owned())));
    // Nor one that it is not asked for.
    assert_eq!(signs_in(&all("oWn|x.*", "free").await, "oWn", "right").await, Ok(None));
    assert_eq!(signs_in(&all("oWn|x.*", "xaver").await, "oWn", "right").await, Ok(Some("folds".to_owned())));
}

#[tokio::test]
async fn attributes_of_somebody_else_are_not_taken() {
    struct ByMail;
    impl Authenticator for ByMail {
        fn check<'a>(&'a self, _: &'a str, _: &'a SecretString, _: &'a Steps) -> Answer<'a, Verdict> {
            Box::pin(async { Ok(Verdict::Unknown) })
        }

        fn attributes<'a>(&'a self, _: &'a str, _: &'a Steps) -> Answer<'a, Known> {
            Box::pin(async { Ok(Known::now("carol", &mail("carol@example.net"))) })
        }
    }
    let all = Backends::new(&[], around(&[]).await).unwrap().with("x", Arc::new(ByMail));
    assert_eq!(all.refreshed("x", "ana", mail("ana@example.net"), NOW).await, mail("ana@example.net"));
    assert_eq!(all.refreshed("x", "carol", Attributes::new(), NOW).await, mail("carol@example.net"));
}

#[tokio::test]
async fn a_back_end_that_hangs_costs_others_nothing() {
    struct Hangs;
    impl Authenticator for Hangs {
        fn check<'a>(&'a self, _: &'a str, _: &'a SecretString, _: &'a Steps) -> Answer<'a, Verdict> {
            Box::pin(std::future::pending())
        }
    }
    let staff = Puppet::of("ada");
    let all = chain(&[("x", &staff, "x-.*"), ("staff", &staff, "")]).await.with("x", Arc::new(Hangs));
    let password = SecretString::from("right");
    let many = futures_util::future::join_all((0..1000).map(|_| all.check("x-ray", &password)));
    let mut many = Box::pin(many);
    assert!(futures_util::poll!(&mut many).is_pending());
    assert_eq!(signs_in(&all, "ada", "right").await, Ok(Some("staff".to_owned())));
}

/// Real hashes: one of little cost, one of a larger.
fn user(name: &str, memory: u32) -> FileUser {
    let params = argon2::Params::new(memory, 1, 1, None).unwrap();
    let hasher = Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
    let password = hasher.hash_password(b"right").unwrap().to_string().into();
    FileUser { name: name.to_owned(), password, attributes: Attributes::new() }
}

/// Counted by the hashes that an attempt takes.
#[tokio::test]
async fn every_failed_attempt_is_the_same_work() {
    let two = [file("cheap", vec![user("ben", 64)], ""), file("costly", vec![user("ada", 4096)], "")];
    let all = Backends::new(&two, around(&["north.example"]).await).unwrap();
    let whole = stored_cost(&all, "costly");
    let long = "x".repeat(MAX_PASSWORD + 1);
    let mut runs = HashMap::new();
    for (name, password) in [
        ("ada", "wrong"),
        ("ben", "wrong"),
        ("nobody", "wrong"),
        ("ada", long.as_str()),
        ("nobody", long.as_str()),
        ("ada@north.example", "right"),
        ("a b", "right"),
    ] {
        let before = all.hashing.runs();
        assert_eq!(all.check(name, &password.into()).await, Ok(Checked::Nobody), "{name}");
        runs.insert((name, password), all.hashing.runs() - before);
        let failed = match (name, password) {
            ("ada", "wrong") => Failed::Wrong(1),
            ("ben", "wrong") => Failed::Wrong(0),
            ("nobody", "wrong") => Failed::Unknown,
            _ => Failed::Unasked,
        };
        let owed: u64 =
            all.owed(None, failed).0.iter().map(|(text, how)| super::super::stored::cost(text, *how)).sum();
        let spent = if failed == Failed::Wrong(1) { whole } else { 0 };
        assert_eq!(owed + spent, whole, "{name}");
    }
    // The cheap hash of ben comes on top, and is lost beside the costly one.
    assert_eq!(runs.remove(&("ben", "wrong")), Some(2));
    assert!(runs.values().all(|&runs| runs == 1), "{runs:?}");
    let before = all.hashing.runs();
    assert_eq!(signs_in(&all, "ben", "right").await, Ok(Some("cheap".to_owned())));
    assert_eq!(all.hashing.runs() - before, 1);
}

fn stored_cost(all: &Backends, name: &str) -> u64 {
    let (text, how) = all.link(name).unwrap().authenticator.sample().unwrap();
    super::super::stored::cost(&text, how)
}

#[tokio::test]
async fn who_was_not_asked_is_waited_for() {
    let puppets = [Puppet::of("ada"), Puppet::of("ben"), Puppet::of("cleo")];
    let [a, b, c] = &puppets;
    let all = chain(&[("a", a, ""), ("b", b, ""), ("c", c, "c.*")]).await;
    let milliseconds = Duration::from_millis;
    for (link, (unknown, wrong)) in all.links.iter().zip([(10, 10), (20, 25), (40, 40)]) {
        link.guard.usually(milliseconds(unknown), milliseconds(wrong));
    }
    let wait = |name: &str, failed| all.owed(Some(&all.canonical(name).unwrap()), failed).1;
    assert_eq!(wait("ada", Failed::Wrong(0)), milliseconds(25), "b, as long as a wrong password takes");
    assert_eq!(wait("ben", Failed::Wrong(1)), Duration::ZERO);
    assert_eq!(wait("nobody", Failed::Unknown), milliseconds(5));
    assert_eq!(wait("cleo", Failed::Wrong(2)), milliseconds(5));
    assert_eq!(wait("cleo", Failed::Unasked), milliseconds(75));
    assert_eq!(all.owed(None, Failed::Unasked).1, milliseconds(75));
}

#[tokio::test]
async fn times_are_learned_from_failures_alone() {
    let ada = Puppet::of("ada");
    let all = chain(&[("a", &ada, "")]).await;
    assert_eq!(signs_in(&all, "ada", "right").await, Ok(Some("a".to_owned())));
    assert_eq!(all.links[0].guard.unknown(), Duration::ZERO);
    assert_eq!(signs_in(&all, "nobody", "right").await, Ok(None));
    assert!(all.links[0].guard.unknown() > Duration::ZERO);
}

#[tokio::test]
async fn attributes_are_those_of_now_while_somebody_is_known() {
    let backends = backends("ada", mail("new@example.net")).await;
    let last = || mail("old@example.net");
    assert_eq!(backends.refreshed("staff", "ada", last(), NOW).await, mail("new@example.net"));
    assert_eq!(backends.refreshed("staff", "ben", last(), NOW).await, last());
    assert_eq!(backends.refreshed("gone", "ada", last(), NOW).await, last());
}

#[tokio::test]
async fn hidden_attributes_and_passwords_stay_inside() {
    let mut attributes = mail("ada@example.net");
    attributes.push("room", "4");
    attributes.push("userPassword", "x");
    let backends = backends("ada", attributes.clone()).await;
    let known = backends.right(&backends.links[0], "ada", attributes, None);
    let Some(Checked::Right(known)) = known else { panic!("{known:?}") };
    assert_eq!(known.attributes, mail("ada@example.net"));
    assert_eq!(backends.refreshed("staff", "ada", Attributes::new(), NOW).await, known.attributes);
}

#[tokio::test]
async fn an_unknown_name_is_as_busy_as_a_known_one() {
    let backends = backends("ada", Attributes::new()).await;
    let _all = backends.hashing.hold_all().await;
    for name in ["ada", "nobody", "not a name"] {
        assert!(backends.check(name, &"wrong".into()).await.is_err(), "{name}");
    }
}

#[tokio::test]
async fn another_configuration_goes_on_with_what_is_known() {
    let down = Puppet::down();
    let first = chain(&[("x", &down, "")]).await;
    assert!(first.check("ada", &"right".into()).await.is_err());
    let second = chain(&[("y", &down, ""), ("x", &down, "")]).await.inheriting(&first);
    assert!(Arc::ptr_eq(&second.links[1].guard, &first.links[0].guard));
    assert!(!Arc::ptr_eq(&second.links[0].guard, &first.links[0].guard));
}

/// What was typed in the place of a name may be a password, so only names that are known are told.
#[tokio::test]
async fn a_failed_attempt_is_told_by_name_where_the_name_is_known() {
    let (ada, ben) = (Puppet::of("ada"), Puppet::of("ben"));
    let all = chain(&[("a", &ada, ""), ("b", &ben, "")]).await;
    let told = async |typed: &str, password: &str| {
        let (checked, name) = all.check_telling(typed, &password.into()).await.unwrap();
        (checked == Checked::Nobody, name.map(|name| name.as_str().to_owned()))
    };
    assert_eq!(told("ben", "wrong").await, (true, Some("ben".to_owned())));
    assert_eq!(told("ben", "right").await, (false, None));
    let long = "x".repeat(MAX_PASSWORD + 1);
    for (typed, password) in
        [("Rays-of-light-1895", "right"), ("not a name", "wrong"), ("ada", long.as_str())]
    {
        assert_eq!(told(typed, password).await, (true, None), "{typed}");
    }
}
