//! What entries of institutions say that cannot be meant.

use insta::assert_snapshot;

use super::problems;

fn entry(suffix: &str, more: &str) -> String {
    format!("[[provider]]\nsuffix = \"{suffix}\"\nname = \"N\"\nurl = \"https://cas.{suffix}\"\n{more}\n")
}

/// The codes of what is told, with their places.
fn codes(text: &str) -> String {
    let told = problems(&[("providers.d/a.toml", text)]);
    let told = told.iter().filter(|problem| problem.code != Some("W020"));
    let codes = told.map(|p| format!("{} {}:{}", p.code.unwrap_or("error"), p.line, p.column));
    codes.collect::<Vec<_>>().join(", ")
}

#[test]
fn plain_http_is_for_this_machine() {
    let at = |url: &str| codes(&entry("north.example", "").replace("https://cas.north.example", url));
    for (url, expected) in [
        ("http://cas.north.example", "W026 4:7"),
        ("http://cas.north.example:8080/cas", "W026 4:7"),
        ("HTTP://cas.north.example/cas", "W026 4:7"),
        ("http://10.0.0.1/cas", "W026 4:7"),
        ("http://localhost.north.example", "W026 4:7"),
        ("https://cas.north.example", ""),
        ("http://127.0.0.1:8091/cas", ""),
        ("http://[::1]:8091/cas", ""),
        ("http://localhost:8091/cas", ""),
    ] {
        assert_eq!(at(url), expected, "{url}");
    }
    let main = format!("{}[check]\nallow = [\"W020\", \"W026\"]\n", super::LEAST);
    let plain = entry("north.example", "").replace("https:", "http:");
    assert!(problems(&[("passerelle.toml", &main), ("providers.d/a.toml", &plain)]).is_empty());
}

#[test]
fn a_protocol_without_attributes_gives_no_name_from_one() {
    let with = |protocol: &str, more: &str| {
        codes(&entry("north.example", &format!("protocol = \"{protocol}\"\n{more}")))
    };
    let user_from = "[provider.username]\nuser_from = \"uid\"";
    assert_eq!(with("1.0", user_from), "error 7:13");
    assert_eq!(with("1.0", "[provider.username]\nuser_from = \"\""), "", "as if it were not there");
    for protocol in ["2.0", "3.0", "saml1"] {
        assert_eq!(with(protocol, user_from), "", "{protocol}");
    }
}

#[test]
fn keys_that_say_nothing() {
    for (more, expected) in [
        ("protocol = \"1.0\"\n[provider.attributes]\nmail = \"email\"", "W027 6:1"),
        ("protocol = \"1.0\"\n[provider.attributes]\nkind = { value = \"guest\" }", ""),
        ("protocol = \"saml1\"\n[provider.attributes]\nmail = \"email\"", ""),
        ("protocol = \"1.0\"\nformat = \"json\"", "W027 6:10"),
        ("format = \"json\"\nprotocol = \"saml1\"", "W027 5:10"),
        ("protocol = \"saml1\"\nformat = \"xml\"", ""),
        ("protocol = \"2.0\"\nformat = \"json\"", ""),
        ("format = \"json\"", ""),
        ("passive = true\nrenew = true", "W027 5:11"),
        ("passive = false\nrenew = true", ""),
        ("passive = true\nrenew = false", ""),
    ] {
        assert_eq!(codes(&entry("north.example", more)), expected, "{more}");
    }
}

#[test]
fn one_domain_picks_one_institution() {
    let north =
        entry("north.example", "email_domains = [\"north.example\", \"North.example\", \"x.example\"]");
    let south = entry("south.example", "email_domains = [\"south.example\", \"NORTH.example\"]");
    let main = format!("{}[check]\nallow = [\"W020\"]\n", super::LEAST);
    let files = [
        ("passerelle.toml", main.as_str()),
        ("providers.d/a.toml", north.as_str()),
        ("providers.d/b.toml", south.as_str()),
    ];
    assert!(problems(&files[..2]).is_empty(), "one entry that says it twice");
    assert_snapshot!(problems(&files).text(false, ""), @r#"
    warning[W027]: two institutions have the domain "NORTH.example" in `email_domains`
      --> providers.d/b.toml:5:35
       |
     5 | email_domains = ["south.example", "NORTH.example"]
       |                                   ^^^^^^^^^^^^^^^ also at providers.d/a.toml:5:18
       |
       = provider "south.example" (line 1)
       = note: it picks neither of them, unless the service takes only one.

    passerelle: 1 warning.
    "#);
}
