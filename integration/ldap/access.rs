//! Who asks: searches never see what a person may, and an unknown name takes the time of a wrong password.

use std::time::Duration;

use passerelle::auth::{Authenticator, Steps, Verdict};
use tokio::time::Instant;

use super::failover::slow;
use super::{check, directory, lines, people, right, slapd, values};
use crate::support::house::ADA;
use crate::support::slapd::BASE;

#[tokio::test]
async fn the_bind_of_a_person_stays_on_their_own_connection() {
    let slapd = slapd!();
    let campus = directory(&people(&slapd.plain(), "connections = 1"), None);
    for _ in 0..5 {
        let (_, ada) = right(&campus, ADA.0, ADA.1).await;
        assert_eq!(values(&ada, "roomNumber"), "", "only she may read it");
        assert_eq!(check(&campus, "ada", "wrong").await, Ok(Verdict::Wrong));
    }
}

#[tokio::test]
async fn steps_of_a_sign_in() {
    let slapd = slapd!();
    let campus = directory(&people(&slapd.plain(), "attributes = [\"mail\"]"), None);
    let told = async |name: &str, password: &str| {
        let steps = Steps::kept();
        campus.check(name, &password.into(), &steps).await.unwrap();
        lines(&steps)
    };
    let server = format!("server: {}, no TLS, as cn=gateway,ou=services,{BASE}", slapd.plain());
    let search = |name: &str| format!("search: (uid={name}) below ou=people,{BASE}\n{server}\n");
    let entry = format!("entry: uid=ada,ou=people,{BASE}\n");
    assert_eq!(
        told(ADA.0, ADA.1).await,
        format!("{}{entry}bind: right\nuser: ada\nattributes: dn, mail\n", search("ada"))
    );
    assert_eq!(
        told("ada", "wrong").await,
        format!("{}{entry}bind: invalid credentials (49)\n", search("ada"))
    );
    assert_eq!(told("a*)(", "wrong").await, format!("{}entry: none\n", search("a\\2a\\29\\28")));
}

#[tokio::test]
async fn an_unknown_name_takes_as_long_as_a_wrong_password() {
    let slapd = slapd!();
    let pause = Duration::from_millis(150);
    let campus = directory(&people(&slow(&slapd.plain(), pause).await, ""), None);
    let time = async |name: &str| {
        let began = Instant::now();
        let expected = if name == "ada" { Verdict::Wrong } else { Verdict::Unknown };
        assert_eq!(check(&campus, name, "wrong").await, Ok(expected), "{name}");
        began.elapsed()
    };
    // The account binds; a search finds her; she binds. From then on a search alone is one answer.
    assert!(time("ada").await >= pause * 3);
    for name in ["nobody", "*", "ada"] {
        let took = time(name).await;
        assert!(took >= pause * 2, "{name}: {took:?}");
    }
}

#[tokio::test]
async fn what_sends_us_elsewhere_is_down() {
    let slapd = slapd!();
    let campus = directory(&people(&slapd.plain(), "").replace("ou=people", "ou=away"), None);
    let down = check(&campus, ADA.0, ADA.1).await.unwrap_err();
    assert!(down.to_string().contains("it sends us elsewhere"), "{down}");
    let campus = directory(&people(&slapd.plain(), "").replace("ou=people", "ou=gone"), None);
    let down = check(&campus, ADA.0, ADA.1).await.unwrap_err();
    assert!(down.to_string().contains("`base_dn` is not there"), "{down}");
}
