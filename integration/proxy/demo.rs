//! `passerelle demo`, with a real program: the portal all the way, and a sign-out that comes from an institution.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use reqwest::Method;

use crate::support::Browser;
use crate::support::browser::login;

/// A demo that ends with its story.
struct Demo {
    child: Child,
    port: u16,
}

impl Demo {
    /// Starts one at four ports that are free.
    fn start() -> Self {
        let first = 20_000 + u16::try_from(std::process::id() % 20_000).unwrap();
        for port in (first..).step_by(4).take(20) {
            let mut command = Command::new(assert_cmd::cargo::cargo_bin!("passerelle"));
            command.args(["demo", "--no-open", "--port", &port.to_string()]);
            let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
            let lines = BufReader::new(child.stdout.take().unwrap()).lines();
            let started = lines.map_while(Result::ok).any(|line| line.contains("start here"));
            let demo = Self { child, port };
            if started {
                return demo;
            }
        }
        panic!("the demo does not start");
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _waited = self.child.wait();
    }
}

#[tokio::test]
async fn the_portal_asks_the_sample_app_in_the_name_of_who_is_signed_in() {
    let demo = Demo::start();
    let guest = Browser::elsewhere(&format!("http://127.0.0.1:{}/cas", demo.port));
    let portal = format!("http://127.0.0.1:{}/portal", demo.port + 3);
    let nobody = guest.request(Method::POST, &format!("{portal}/ask"), Some(String::new())).await;
    assert_eq!(nobody.location(), portal, "nobody is signed in");

    let form = guest.get(&login(&format!("{portal}/callback"), "provider=local")).await;
    let answer = guest.types(&form, ("guest", "guest")).await;
    let back = guest.follow_home(answer).await;
    assert_eq!(guest.follow(&back).await.location(), portal);
    let page = guest.get(&portal).await;
    assert!(
        page.body.contains("Ask the sample app in my name") && !page.body.contains("PGT-"),
        "{}",
        page.body
    );

    let asked = guest.request(Method::POST, &format!("{portal}/ask"), Some(String::new())).await;
    assert_eq!(asked.status, 200, "{}", asked.text());
    for told in ["guest", "PT-", &format!("<bdi>{portal}/grants</bdi>")] {
        assert!(asked.body.contains(told), "{told}: {}", asked.body);
    }
    let sample = format!("http://127.0.0.1:{}/sample", demo.port + 3);
    let page = guest.get(&sample).await;
    assert!(!page.body.contains("Ask the sample app"), "the sample app keeps sessions of its own");
}

#[tokio::test]
async fn a_sign_out_at_an_institution_ends_the_session_at_the_gateway() {
    let demo = Demo::start();
    let guest = Browser::elsewhere(&format!("http://127.0.0.1:{}/cas", demo.port));
    let there = Browser::elsewhere(&format!("http://127.0.0.1:{}/northfield", demo.port + 1));
    let away = guest.get("federate/northfield.example").await;
    let answer = there.types(&there.get(away.location()).await, ("ana", "ana")).await;
    let back = there.follow_home(answer).await;
    guest.follow_home(guest.get(back.location()).await).await;
    // The name is in two parts there.
    let is_signed_in = async || guest.get("login").await.says("ana@ northfield.example");
    assert!(is_signed_in().await);

    there.get("logout").await;
    // The message goes from server to server: it is on its way.
    for _ in 0..200 {
        if !is_signed_in().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the session at the gateway goes on");
}
