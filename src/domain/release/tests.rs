//! Who enters, who does not, and what is told of them.

use super::*;
use crate::domain::identity::Suffix;
use crate::domain::name::Name;
use crate::domain::opening::Opening;
use crate::domain::pattern::{SearchPattern, WholePattern};
use crate::domain::rewrite::{Rewriting, Step};
use crate::domain::rules::tests::rule;
use crate::domain::service_rule::Accounts;

fn ana() -> Identity {
    let source = Source::Provider(Suffix::parse("north.example").unwrap());
    Identity { name: Name::stored("ana"), source }
}

fn attributes() -> Attributes {
    let mut attributes = Attributes::new();
    attributes.push("mail", Value::Text("ana@north.example".to_owned()));
    attributes.push("affiliation", Value::Text("staff".to_owned()));
    attributes.push("affiliation", Value::Text("member".to_owned()));
    attributes.push("active", Value::Bool(true));
    attributes
}

fn wiki() -> ServiceRule {
    rule("wiki", 100, "https://w.example/**")
}

fn around(now: i64) -> Around<'static> {
    Around {
        now: Timestamp::from_seconds(now),
        provider_name: Some("University of North"),
        pseudonym: &|user, service| format!("pseudonym of {user} for {service}"),
    }
}

fn entered(rule: &ServiceRule, attributes: &Attributes) -> Result<Released, Denied> {
    enter(rule, &ana(), attributes, [], &around(0))
}

fn names(released: &Released) -> Vec<String> {
    released.attributes.iter().map(|(name, _)| name.to_owned()).collect()
}

#[test]
fn nothing_is_released_unless_named() {
    let released = entered(&wiki(), &attributes()).unwrap();
    assert_eq!(released.user, "ana@north.example");
    assert!(released.attributes.is_empty());
}

#[test]
fn renames_fixed_values_and_everything() {
    let mut rule = wiki();
    rule.release.named = vec![
        ("email".to_owned(), Origin::Attribute("mail".to_owned())),
        ("m2".to_owned(), Origin::Attribute("mail".to_owned())),
        ("home".to_owned(), Origin::Fixed("meridian".to_owned())),
        ("absent".to_owned(), Origin::Attribute("nothing".to_owned())),
        ("from".to_owned(), Origin::Attribute("provider".to_owned())),
    ];
    let released = entered(&rule, &attributes()).unwrap();
    assert_eq!(names(&released), ["email", "m2", "home", "from"]);

    rule.release.all = true;
    rule.release.named = vec![("mail".to_owned(), Origin::Attribute("affiliation".to_owned()))];
    let released = entered(&rule, &attributes()).unwrap();
    assert_eq!(names(&released), ["mail", "affiliation", "active", "provider", "providerName"]);
    assert_eq!(released.attributes.get("mail").unwrap().len(), 2);
}

#[test]
fn no_name_stands_beside_another_one_of_the_same_element() {
    let mut told = Attributes::new();
    for name in [
        "is staff",
        "is:staff",
        "job title",
        "job_title",
        "a.b",
        "prov\0ider",
        "provider\0Name",
        "\0backend",
        "a b",
    ] {
        told.push(name, name);
    }
    let mut rule = wiki();
    rule.release.all = true;
    assert_eq!(
        names(&entered(&rule, &told).unwrap()),
        ["is staff", "job title", "a.b", "a b", "provider", "providerName"]
    );

    let absent = ("job_title".to_owned(), Origin::Attribute("nothing".to_owned()));
    rule.release.named = vec![("is_staff".to_owned(), Origin::Fixed("no".to_owned())), absent];
    let released = entered(&rule, &told).unwrap();
    assert_eq!(names(&released), ["a.b", "a b", "provider", "providerName", "is_staff"]);
    assert_eq!(released.attributes.first_text("is_staff").as_deref(), Some("no"));
    assert_eq!(released.attributes.first_text("provider").as_deref(), Some("north.example"));
}

/// Whatever a source of attributes says: services and filters decide by these.
#[test]
fn nobody_else_says_where_somebody_comes_from() {
    let mut told = Attributes::new();
    for name in ["provider", "providerName", "backend"] {
        told.push(name, "elsewhere");
    }
    let mut rule = wiki();
    rule.release.all = true;
    let released = entered(&rule, &told).unwrap();
    assert_eq!(names(&released), ["provider", "providerName"]);
    assert_eq!(released.attributes.first_text("provider").as_deref(), Some("north.example"));
    rule.filter = vec![("backend".to_owned(), vec![WholePattern::new("elsewhere").unwrap()])];
    assert_eq!(entered(&rule, &told).unwrap_err().code(), Code::ServiceFilter);
}

#[test]
fn the_first_failing_check_names_the_code() {
    let mut rule = wiki();
    rule.user_field = UserField::Attribute("uid".to_owned());
    assert_eq!(entered(&rule, &attributes()).unwrap_err().code(), Code::ServiceAttributeMissing);
    rule.filter = vec![("affiliation".to_owned(), vec![WholePattern::new("student").unwrap()])];
    assert_eq!(entered(&rule, &attributes()).unwrap_err().code(), Code::ServiceFilter);
    rule.usernames = vec!["ana".to_owned()];
    assert_eq!(entered(&rule, &attributes()).unwrap_err().code(), Code::ServiceUserNotAllowed);
    rule.accounts = Accounts::new(&["local".to_owned()]);
    assert_eq!(entered(&rule, &attributes()).unwrap_err().code(), Code::ServiceProviderNotAllowed);
    rule.disabled = true;
    assert_eq!(entered(&rule, &attributes()).unwrap_err().code(), Code::ServiceDisabled);
}

#[test]
fn filters_want_whole_values_and_all_patterns() {
    let mut rule = wiki();
    let pattern = |source| WholePattern::new(source).unwrap();
    for (attribute, patterns, enters) in [
        ("affiliation", vec![pattern("staff")], true),
        ("affiliation", vec![pattern("staff"), pattern("member")], true),
        ("affiliation", vec![pattern("staff"), pattern("student")], false),
        ("affiliation", vec![pattern("staf")], false),
        ("active", vec![pattern("true")], true),
        ("provider", vec![pattern(r"north\.example")], true),
        ("nothing", vec![pattern(".*")], false),
    ] {
        rule.filter = vec![(attribute.to_owned(), patterns)];
        assert_eq!(entered(&rule, &attributes()).is_ok(), enters, "{attribute}");
    }
}

#[test]
fn what_must_not_match() {
    let pattern = |source| WholePattern::new(source).unwrap();
    for (attribute, patterns, enters) in [
        ("affiliation", vec![pattern("staff")], false),
        ("affiliation", vec![pattern("student"), pattern("member")], false),
        ("affiliation", vec![pattern("student")], true),
        ("affiliation", vec![pattern("staf")], true),
        ("nothing", vec![pattern(".*")], true),
        ("provider", vec![pattern(r".*\.example")], false),
    ] {
        let rule = ServiceRule { deny: vec![(attribute.to_owned(), patterns)], ..wiki() };
        let entry = entered(&rule, &attributes());
        let denied = Denied::Filter { attribute: attribute.to_owned() };
        assert_eq!(entry.is_ok(), enters, "{attribute}");
        assert!(enters || entry == Err(denied));
    }
    // Nobody gets past by a value that is too much for a pattern.
    let endless = pattern(r"(?:(a|aa)(?!b))+(?!c)c");
    let mut told = Attributes::new();
    told.push("x", format!("{}c", "a".repeat(60)));
    let filter = vec![("x".to_owned(), vec![endless])];
    assert!(entered(&ServiceRule { filter: filter.clone(), ..wiki() }, &told).is_err());
    assert!(entered(&ServiceRule { deny: filter, ..wiki() }, &told).is_err());
}

#[test]
fn a_service_is_open_until_its_end() {
    let opening = Opening { until: Some(Timestamp::from_seconds(10)), hours: None };
    let rule = ServiceRule { opening, ..wiki() };
    assert!(enter(&rule, &ana(), &attributes(), [], &around(9)).is_ok());
    assert_eq!(enter(&rule, &ana(), &attributes(), [], &around(10)), Err(Denied::Disabled));
}

#[test]
fn the_institution_and_its_name_are_ours_to_say() {
    let pattern = |source| WholePattern::new(source).unwrap();
    let mut told = attributes();
    told.push("providerName", "South College");
    for (attribute, value, enters) in [
        ("provider", r"north\.example", true),
        ("provider", "University of North", false),
        ("providerName", "University of North", true),
        ("providerName", "South College", false),
    ] {
        let filter = vec![(attribute.to_owned(), vec![pattern(value)])];
        let entry = entered(&ServiceRule { filter: filter.clone(), ..wiki() }, &told);
        assert_eq!(entry.is_ok(), enters, "{attribute} {value}");
        assert_eq!(entered(&ServiceRule { deny: filter, ..wiki() }, &told).is_ok(), !enters);
    }
    let mut rule = wiki();
    rule.release.named = vec![("home".to_owned(), Origin::Attribute("providerName".to_owned()))];
    let home = |known: Option<&str>, who: &Identity| {
        let around = Around { provider_name: known, ..around(0) };
        let released = enter(&rule, who, &told, [], &around).unwrap();
        released.attributes.first_text("home").map(std::borrow::Cow::into_owned)
    };
    assert_eq!(home(Some("University of North"), &ana()).as_deref(), Some("University of North"));
    // An institution that is gone has no name, and a local account has none at all.
    let lind = Identity { name: Name::stored("lind"), source: Source::Backend("staff".to_owned()) };
    assert_eq!((home(None, &ana()), home(Some("x"), &lind)), (None, None));
}

#[test]
fn old_credentials_are_not_enough() {
    let at = Timestamp::from_seconds;
    let rule = ServiceRule { max_auth_age: Some(60), ..wiki() };
    for (then, now, asks) in [(0, 60, false), (0, 61, true), (100, 61, false)] {
        assert_eq!(rule.wants_newer_login(at(then), at(now)), asks, "{then} {now}");
    }
    assert!(!wiki().wants_newer_login(at(0), at(i64::MAX)));
}

#[test]
fn pseudonyms_are_of_the_person_and_the_service() {
    let rule = ServiceRule { user_field: UserField::Pairwise, ..wiki() };
    let user = entered(&rule, &attributes()).unwrap().user;
    assert_eq!(user, "pseudonym of ana@north.example for wiki");
}

#[test]
fn rewritten_values() {
    let step = |replace, with| Step::new(SearchPattern::new(replace).unwrap(), with).unwrap();
    let mut rule = wiki();
    let line = |seen: &str, from: &str, steps| {
        (seen.to_owned(), Origin::Rewritten(from.to_owned(), Rewriting::new(steps)))
    };
    rule.release.all = true;
    rule.release.named = vec![
        line("host", "mail", vec![step("^.*@", ""), step(r"\.example", "")]),
        line("affiliation", "affiliation", vec![step("e", "")]),
        line("active", "nothing", vec![step("e", "")]),
    ];
    let released = entered(&rule, &attributes()).unwrap();
    assert_eq!(names(&released), ["mail", "affiliation", "provider", "providerName", "host"]);
    assert_eq!(released.attributes.first_text("host").as_deref(), Some("north"));
    let values = [Value::from("staff"), Value::from("mmbr")];
    assert_eq!(released.attributes.get("affiliation"), Some(&values[..]));
}

#[test]
fn the_user_field_takes_the_first_value() {
    let mut rule = wiki();
    rule.user_field = UserField::Attribute("affiliation".to_owned());
    assert_eq!(entered(&rule, &attributes()).unwrap().user, "staff");
}

#[test]
fn the_user_field_is_held_to_the_rule_for_names() {
    let mut rule = wiki();
    rule.user_field = UserField::Attribute("uid".to_owned());
    let others = [Suffix::parse("south.example").unwrap()];
    for (value, user) in [
        ("bob", Some("bob")),
        ("Bob Quinn", Some("Bob Quinn")),
        ("bob@north.example", Some("bob@north.example")),
        ("bob@home.example", Some("bob@home.example")),
        ("an\u{303}a", Some("a\u{f1}a")),
        ("bob@south.example", None),
        ("bob@SOUTH.example", None),
        ("", None),
        (" ", None),
        (" bob", None),
        ("bob\u{a0}", None),
        ("staff\nroot", None),
        ("b\u{200b}ob", None),
        ("\u{202e}bob", None),
        ("bob@south.example\u{200b}", None),
    ] {
        let mut told = Attributes::new();
        told.push("uid", Value::Text(value.to_owned()));
        let entry = enter(&rule, &ana(), &told, &others, &around(0));
        assert_eq!(entry.as_ref().ok().map(|released| released.user.as_str()), user, "{value:?}");
        if let Err(denied) = entry {
            assert_eq!(denied, Denied::Attribute { attribute: "uid".to_owned() });
        }
    }
    let mut told = Attributes::new();
    told.push("uid", Value::Text("bob@south.example".to_owned()));
    let lind = Identity { name: Name::stored("lind"), source: Source::Backend("staff".to_owned()) };
    assert!(enter(&rule, &lind, &told, &others, &around(0)).is_err());
}
