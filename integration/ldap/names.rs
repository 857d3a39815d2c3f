//! Names with every sign that means something to a directory, and entries of every kind.

use passerelle::auth::{Authenticator, Known, Steps, Verdict};

use super::{check, directory, lines, people, right, slapd, values};
use crate::support::slapd::BASE;

#[tokio::test]
async fn signs_of_a_filter_are_signs_of_a_name() {
    let slapd = slapd!();
    let campus = directory(&people(&slapd.plain(), ""), None);
    assert_eq!(right(&campus, "star*()\\x", "Star, and more: 1").await.0, "star*()\\x");
    let long = format!("l{}ng", "o".repeat(198));
    assert_eq!(right(&campus, &long, "Long, very: 1").await.0, long);
    for name in [
        "star*",
        "*",
        "a*",
        "ada)(uid=*",
        "ada)(&",
        "\\61da",
        "ada\0",
        "*)(objectClass=*",
        "ada\u{0}",
        "(",
        ")",
        "\\",
        "&",
        "|",
        "!",
        "=",
        "%s",
        "ada ,",
        "\u{fffd}",
        "☂",
    ] {
        for password in ["Star, and more: 1", "Engine, analytical: 1843"] {
            assert_eq!(check(&campus, name, password).await, Ok(Verdict::Unknown), "{name:?}");
        }
    }
    assert_eq!(check(&campus, &"x".repeat(100_000), "x").await, Ok(Verdict::Unknown));
}

#[tokio::test]
async fn names_of_entries_with_every_sign() {
    let slapd = slapd!();
    let campus = directory(&people(&slapd.plain(), ""), None);
    for (name, password) in [
        ("zoë", "pässwörd ☂ Σ"),
        ("comma", "Comma, quote: 1"),
        ("hash", "Hash, first: 1"),
        ("space", "Space, around: 1"),
        ("two", "Two, parts: 1"),
        ("slash", "Slash, back: 1"),
    ] {
        assert_eq!(right(&campus, name, password).await.0, name);
        assert_eq!(check(&campus, name, "wrong").await, Ok(Verdict::Wrong), "{name}");
    }
    for password in ["passwörd ☂ Σ", "pässwörd ☂ σ", "pa\u{308}sswo\u{308}rd ☂ Σ"] {
        assert_eq!(check(&campus, "zoë", password).await, Ok(Verdict::Wrong), "{password}");
    }
}

#[tokio::test]
async fn an_empty_password_never_reaches_a_bind() {
    let slapd = slapd!();
    let campus = directory(&people(&slapd.plain(), ""), None);
    assert_eq!(check(&campus, "ada", "").await, Ok(Verdict::Wrong));
    assert_eq!(check(&campus, "nopass", "").await, Ok(Verdict::Wrong));
    assert_eq!(check(&campus, "nopass", "x").await, Ok(Verdict::Wrong));
}

#[tokio::test]
async fn one_entry_must_be_meant() {
    let slapd = slapd!();
    let toml = people(&slapd.plain(), "").replace("ou=people", "ou=twins");
    let campus = directory(&toml, None);
    for name in ["twin", "many"] {
        let steps = Steps::kept();
        let verdict = campus.check(name, &"Twins, two: 1".into(), &steps).await;
        assert_eq!(verdict, Ok(Verdict::Unknown), "{name}");
        assert!(lines(&steps).contains("entry: several: nobody"), "{}", lines(&steps));
    }
}

#[tokio::test]
async fn the_user_name_is_what_the_entry_says() {
    let slapd = slapd!();
    let query = "user_query = \"(|(uid=%s)(mail=%(username)s))\"";
    let campus = directory(&people(&slapd.plain(), query), None);
    assert_eq!(right(&campus, "POST@meridian.example", "Mail, as name: 1").await.0, "two-mails");
    assert_eq!(right(&campus, "ADA", "Engine, analytical: 1843").await.0, "ada");
    let nameless = check(&campus, "noname@meridian.example", "Nobody, at all: 1").await;
    assert_eq!(nameless, Ok(Verdict::Unknown));
}

#[tokio::test]
async fn attributes_as_they_are() {
    let slapd = slapd!();
    let campus = directory(&people(&slapd.plain(), ""), None);
    let (_, ada) = right(&campus, "ada", "Engine, analytical: 1843").await;
    for (name, expected) in [
        ("dn", format!("uid=ada,ou=people,{BASE}").as_str()),
        ("cn", "Ada King|Countess"),
        ("cn;lang-fr", "La comtesse"),
        ("mail", "ada@meridian.example|countess@meridian.example"),
        ("jpegPhoto", "/9j/4AAQSkZJRg=="),
        ("description", "Wrote: \"notes\" (A–G)"),
        ("userPassword", ""),
        ("roomNumber", ""),
    ] {
        assert_eq!(values(&ada, name), expected, "{name}");
    }
    let narrow = directory(&people(&slapd.plain(), "attributes = [\"MAIL\", \"createTimestamp\"]"), None);
    let (name, ada) = right(&narrow, "ada", "Engine, analytical: 1843").await;
    let names: Vec<&str> = ada.iter().map(|(name, _)| name).collect();
    assert_eq!((name.as_str(), names), ("ada", vec!["dn", "MAIL", "createTimestamp"]));
    let none = directory(&people(&slapd.plain(), "attributes = []"), None);
    let (_, ada) = right(&none, "ada", "Engine, analytical: 1843").await;
    assert_eq!(ada.len(), 1);
}

#[tokio::test]
async fn some_attributes_only_their_owner_reads() {
    let slapd = slapd!();
    let campus = directory(&people(&slapd.plain(), "attributes_as = \"user\""), None);
    let (name, ada) = right(&campus, "ada", "Engine, analytical: 1843").await;
    assert_eq!((name.as_str(), values(&ada, "roomNumber").as_str()), ("ada", "4.01"));
    assert_eq!(values(&ada, "userPassword"), "");
    assert_eq!(check(&campus, "ada", "wrong").await, Ok(Verdict::Wrong));
    let comma = right(&campus, "comma", "Comma, quote: 1").await;
    assert_eq!(values(&comma.1, "cn"), "Comma, \"Quote\" + Plus; <x>");
}

#[tokio::test]
async fn a_source_of_attributes_without_passwords() {
    let slapd = slapd!();
    let toml = people(&slapd.plain(), "sign_in = false\nuser_query = \"(mail=%s)\"");
    let source = directory(&toml, None);
    let known = source.attributes("countess@meridian.example", &Steps::untold()).await;
    let Ok(Known::Now { attributes: ada, .. }) = known else { panic!("{known:?}") };
    assert_eq!(values(&ada, "givenName"), "Ada");
    let gone = source.attributes("*", &Steps::untold()).await;
    assert_eq!(gone, Ok(Known::Nobody));
    let campus = directory(&people(&slapd.plain(), ""), None);
    // One table serves both: its own people keep what their sign-in read, others are looked up.
    assert!(campus.keeps_attributes() && !source.keeps_attributes());
    let known = campus.attributes("ada", &Steps::untold()).await;
    assert!(matches!(known, Ok(Known::Now { attributes: ada, .. }) if values(&ada, "givenName") == "Ada"));
}

#[tokio::test]
async fn nobody_in_particular_may_search() {
    let slapd = slapd!();
    let toml = format!(
        "[[backend]]\nname = \"campus\"\nkind = \"ldap\"\nurl = {:?}\nbase_dn = \"{BASE}\"\n",
        slapd.plain()
    );
    let campus = directory(&toml, None);
    assert_eq!(right(&campus, "ada", "Engine, analytical: 1843").await.0, "ada");
}

#[tokio::test]
async fn accounts_of_active_directory() {
    let slapd = slapd!();
    let more =
        "user_query = \"(|(userPrincipalName=%s)(sAMAccountName=%s))\"\nusername_attr = \"sAMAccountName\"";
    let campus = directory(&people(&slapd.plain(), more), None);
    for typed in ["grace", "grace@meridian.example", "GRACE"] {
        let (name, grace) = right(&campus, typed, "Active, directory: 1").await;
        assert_eq!(name, "GRACE");
        assert_eq!(
            values(&grace, "memberOf"),
            format!("cn=Staff,ou=groups,{BASE}|cn=Library \\, East,ou=groups,{BASE}")
        );
        assert_eq!(values(&grace, "objectGUID"), "QUJDREVGR0hJSktMTU5PUA==");
        assert_eq!(values(&grace, "objectSid"), "AQUAAAAAAAUVAAAAoGXPfnhLm1/nfIdwCRwBAA==");
    }
    let steps = Steps::kept();
    let off = campus.check("off", &"Shut, off: 1".into(), &steps).await;
    assert_eq!(off, Ok(Verdict::Wrong));
    assert!(lines(&steps).contains("account: userAccountControl says"), "{}", lines(&steps));
}
