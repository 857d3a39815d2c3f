//! What stands behind the `@` of a value, and who may say it.

use super::LIBRARY;
use crate::support::house::Builder;
use crate::support::journey::values;
use crate::support::{Browser, FakeCas, House};

const EPPN: &str = "eduPersonPrincipalName";
const AFFILIATION: &str = "eduPersonScopedAffiliation";

async fn institution() -> FakeCas {
    let draft = FakeCas::v3().knows("ada").with_attribute(EPPN, "ada@scoped.example");
    let draft = draft.with_attribute(AFFILIATION, "staff@scoped.example");
    let draft = draft.with_attribute(AFFILIATION, "member@Med.SCOPED.example");
    let draft = draft.with_attribute(AFFILIATION, "staff@south.example");
    let draft = draft.with_attribute(AFFILIATION, "rector");
    draft.with_attribute("mail", "ada@south.example").start().await
}

fn gateway(cas: &FakeCas, suffix: &str, lines: &str) -> Builder {
    let library = "[[service]]\nname = \"Library\"\nurl = \"https://library.example/**\"\n";
    House::with()
        .provider(&format!("{}{lines}", cas.entry(suffix, "Scoped")))
        .service(&format!("{library}[service.release]\n\"*\" = \"*\"\n"))
}

async fn told(house: &House, suffix: &str) -> String {
    let ticket = Browser::at(house).arrives(LIBRARY, suffix).await.ticket();
    house.p3_service_validate(&ticket, LIBRARY).await
}

/// The lines about dropped values of an institution.
fn lines(house: &House, suffix: &str) -> Vec<String> {
    let logs = house.logs();
    let provider = format!("provider=\"{suffix}\"");
    let own = logs.lines().filter(|line| line.contains("attribute.out_of_scope") && line.contains(&provider));
    own.map(str::to_owned).collect()
}

#[tokio::test]
async fn an_institution_speaks_for_its_own_scopes_only() {
    let cas = institution().await;
    let house = gateway(&cas, "scoped.example", "").secret("rector").start().await;
    let answer = told(&house, "scoped.example").await;
    assert_eq!(values(&answer, EPPN), ["ada@scoped.example"]);
    assert_eq!(values(&answer, AFFILIATION), ["staff@scoped.example", "member@Med.SCOPED.example"]);
    assert_eq!(values(&answer, "mail"), ["ada@south.example"], "nothing else is looked at");
    let [line] = &lines(&house, "scoped.example")[..] else {
        panic!("{:?}", lines(&house, "scoped.example"))
    };
    assert!(line.contains("eduPersonScopedAffiliation: 2") && line.contains("WARN"), "{line}");
    assert!(!line.contains(EPPN) && !line.contains("south.example"), "{line}");

    // One line for each sign-in, and none where nothing is dropped.
    cas.changes("ada", &[(EPPN, "ada@south.example"), (AFFILIATION, "staff")]);
    let answer = told(&house, "scoped.example").await;
    assert_eq!((values(&answer, EPPN), values(&answer, AFFILIATION)), (vec![], vec![]));
    let lines_now = lines(&house, "scoped.example");
    assert_eq!(lines_now.len(), 2);
    assert!(
        lines_now[1].contains("eduPersonPrincipalName: 1, eduPersonScopedAffiliation: 1"),
        "{lines_now:?}"
    );
    cas.changes("ada", &[(EPPN, "ada@scoped.example")]);
    told(&house, "scoped.example").await;
    assert_eq!(lines(&house, "scoped.example").len(), 2);
}

#[tokio::test]
async fn what_the_entry_says_of_scopes() {
    let all = ["staff@scoped.example", "member@Med.SCOPED.example", "staff@south.example", "rector"];
    for (suffix, keys, affiliations, mail) in [
        ("bare", "", &all[..], 1),
        ("a.scoped.example", "scopes = []\n", &all[..], 1),
        ("b.scoped.example", "", &[], 1),
        ("c.scoped.example", "scopes = [\"SOUTH.example\"]\n", &all[2..3], 1),
        ("d.scoped.example", "scopes = [\"south.example\", \"scoped.example\"]\n", &all[..3], 1),
        ("e.scoped.example", "scoped_attributes = [\"mail\"]\n", &all[..], 0),
        ("f.scoped.example", "scoped_attributes = []\n", &all[..], 1),
        ("g.scoped.example", "scoped_attributes = [\"EDUPERSONscopedaffiliation\"]\n", &[], 1),
    ] {
        let cas = institution().await;
        let house = gateway(&cas, suffix, keys).start().await;
        let answer = told(&house, suffix).await;
        assert_eq!(values(&answer, AFFILIATION), affiliations, "{suffix} {keys}");
        assert_eq!(values(&answer, "mail").len(), mail, "{suffix} {keys}");
    }
}

#[tokio::test]
async fn another_name_or_a_rewriting_does_not_change_who_may_say_it() {
    let cas = institution().await;
    let table = "[provider.attributes]\neppn = \"eduPersonPrincipalName\"\neduPersonPrincipalName = \"mail\"\n\
                 affiliation = { from = \"eduPersonScopedAffiliation\", replace = '@.*$', with = '' }\nemail = \"mail\"\n";
    let house =
        gateway(&cas, "table.scoped.example", &format!("scopes = [\"scoped.example\"]\n{table}")).start();
    let house = house.await;
    let answer = told(&house, "table.scoped.example").await;
    assert_eq!(values(&answer, "eppn"), ["ada@scoped.example"]);
    assert_eq!(values(&answer, EPPN), [""; 0], "that mail is no principal name of theirs");
    assert_eq!(values(&answer, "affiliation"), ["staff", "member"]);
    assert_eq!(values(&answer, "email"), ["ada@south.example"]);
    cas.changes("ada", &[(EPPN, "rector@south.example")]);
    let answer = told(&house, "table.scoped.example").await;
    assert_eq!(values(&answer, "eppn"), [""; 0]);
}

#[tokio::test]
async fn a_dropped_value_opens_no_door() {
    let cas = institution().await;
    let staff = "[[service]]\nname = \"Staff\"\nurl = \"https://staff.example/**\"\n[service.filter]\n\
                 eduPersonScopedAffiliation = 'staff@south\\.example'\n";
    for (suffix, keys, enters) in
        [("h.scoped.example", "", false), ("i.scoped.example", "scopes = []\n", true)]
    {
        let house = gateway(&cas, suffix, keys).service(staff).start().await;
        let page = Browser::at(&house).arrives("https://staff.example/", suffix).await;
        assert_eq!(page.maybe_ticket().is_some(), enters, "{suffix}");
        assert_eq!(page.error_code().as_str(), if enters { "" } else { "service.filter" });
    }
}
