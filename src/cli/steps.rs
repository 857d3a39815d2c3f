//! What a command looked at, step by step: for people and for programs.

use std::io::Write;
use std::time::Duration;

use serde::Serialize;

use super::table::plain;
use super::{Format, Outcome};
use crate::outbound::probe::{self, NotTrusted, Papers, Trust};
use crate::protocol::time::Timestamp;

/// Seconds of a day.
const DAY: i64 = 86_400;
/// A certificate with fewer days left is worth a word.
const FEW_DAYS: i64 = 30;
/// And with fewer than these, a loud one.
const LAST_DAYS: i64 = 14;

/// How a step went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    /// As it should be.
    Ok,
    /// It works, and something about it wants to be looked at.
    Warn,
    /// Not.
    Fail,
    /// Not tried, since an earlier one failed.
    Skipped,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Step {
    /// `DNS`, `TCP 443`, …
    pub what: String,
    /// How it went.
    pub state: State,
    /// What was found.
    pub words: String,
}

/// Everything that a command looked at.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Report {
    /// What it is about.
    pub about: String,
    /// In the order in which they were tried.
    pub steps: Vec<Step>,
    /// Who can mend it, and how.
    pub hint: Option<String>,
}

/// What was found, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// As it should be.
    Good(String),
    /// It works, and wants to be looked at.
    Odd(String),
    /// It does not work.
    Bad(String),
}

/// A server to look at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Server<'a> {
    /// Its host, an IPv6 address in brackets.
    pub host: &'a str,
    /// Its port.
    pub port: u16,
    /// Whether it speaks TLS.
    pub tls: bool,
    /// An HTTP proxy on the way: its host and port.
    pub proxy: Option<(&'a str, u16)>,
}

impl Report {
    /// Notes a step. Out: whether it went well.
    pub(super) fn step(&mut self, what: impl Into<String>, found: Result<String, String>) -> bool {
        let (state, words) = match found {
            Ok(words) => (State::Ok, words),
            Err(words) => (State::Fail, words),
        };
        self.steps.push(Step { what: what.into(), state, words });
        state == State::Ok
    }

    /// Notes a step of which more can be said than yes or no.
    pub(super) fn note(&mut self, what: impl Into<String>, found: Found) {
        let (state, words) = match found {
            Found::Good(words) => (State::Ok, words),
            Found::Odd(words) => (State::Warn, words),
            Found::Bad(words) => (State::Fail, words),
        };
        self.steps.push(Step { what: what.into(), state, words });
    }

    /// Notes steps that make no sense after what failed.
    pub(super) fn skip(&mut self, what: &[&str]) {
        let skipped = |what: &&str| Step {
            what: (*what).to_owned(),
            state: State::Skipped,
            words: "not tried".to_owned(),
        };
        self.steps.extend(what.iter().map(skipped));
    }

    /// Looks at a server: its addresses, a connection, its certificate. Out: whether all went well.
    pub(super) async fn reach(
        &mut self,
        server: Server<'_>,
        trust: &Trust,
        limit: Duration,
        now: Timestamp,
    ) -> bool {
        let (host, port) = server.proxy.unwrap_or((server.host, server.port));
        let (tcp, tls) = (format!("TCP {port}"), if server.tls { &["TLS"][..] } else { &[] });
        let addresses = probe::addresses(host, port).await;
        let found = addresses
            .as_ref()
            .map_err(Clone::clone)
            .map(|all| all.iter().map(|address| address.ip().to_string()).collect::<Vec<_>>().join(", "));
        self.step("DNS", found);
        let Ok(addresses) = addresses else {
            self.skip(&[&tcp]);
            self.skip(tls);
            return false;
        };
        let stream = match probe::connect(&addresses).await {
            Ok((stream, took)) => {
                self.step(tcp, Ok(format!("{} ms", took.as_millis())));
                stream
            }
            Err(words) => {
                self.step(tcp, Err(words));
                self.skip(tls);
                return false;
            }
        };
        if !server.tls {
            return true;
        }
        let stream = match server.proxy {
            None => stream,
            Some(_) => match probe::tunnel(stream, server.host, server.port, limit).await {
                Ok(stream) => {
                    self.step("proxy", Ok(format!("leads to {}:{}", server.host, server.port)));
                    stream
                }
                Err(words) => {
                    self.step("proxy", Err(words));
                    self.skip(tls);
                    return false;
                }
            },
        };
        match probe::handshake(stream, server.host, trust, limit).await {
            Ok(papers) if is_ending(&papers, now) => {
                self.note("TLS", Found::Odd(good(&papers, now)));
                true
            }
            Ok(papers) => self.step("TLS", Ok(good(&papers, now))),
            Err(trouble) => self.step("TLS", Err(bad(&trouble, now))),
        }
    }

    /// Whether every step went well; a warning is no failure.
    pub(super) fn outcome(&self) -> Outcome {
        let well = |step: &Step| matches!(step.state, State::Ok | State::Warn);
        if self.steps.iter().all(well) { Outcome::Fine } else { Outcome::Problem }
    }

    /// Prints it to stdout.
    pub(super) fn print(&self, format: Format) -> anyhow::Result<()> {
        let text = match format {
            Format::Json => format!("{}\n", serde_json::to_string_pretty(self)?),
            Format::Text | Format::Github => self.text(),
        };
        // Whoever reads may have read enough (`| head`): that is no failure of ours.
        let _gone = std::io::stdout().write_all(text.as_bytes());
        Ok(())
    }

    /// As people read it: nothing in it steers their terminal.
    pub(super) fn text(&self) -> String {
        let mut text = format!("{}\n", plain(&self.about));
        for Step { what, state, words } in &self.steps {
            let mark = match state {
                State::Ok => "ok",
                State::Warn => "warn",
                State::Fail => "FAIL",
                State::Skipped => "-",
            };
            text.push_str(&format!("  {mark:<5} {:<12} {}\n", plain(what), plain(words)));
        }
        if let Some(hint) = &self.hint {
            text.push_str(&format!("hint: {}\n", plain(hint)));
        }
        text
    }
}

/// Whether a certificate wants to be renewed.
fn is_ending(papers: &Papers, now: Timestamp) -> bool {
    papers.ends < now.seconds().saturating_add(FEW_DAYS * DAY)
}

fn good(papers: &Papers, now: Timestamp) -> String {
    let left = papers.ends.saturating_sub(now.seconds()) / DAY;
    let soon = match left {
        ..LAST_DAYS => "only ",
        _ => "",
    };
    format!("{soon}{} left, until {}; signed by {}", days(left), instant(papers.ends), papers.issuer)
}

fn bad(trouble: &NotTrusted, now: Timestamp) -> String {
    match trouble {
        NotTrusted::Ended(at) => {
            let ago = now.seconds().saturating_sub(*at) / DAY;
            format!("certificate ended {} ago ({})", days(ago), instant(*at))
        }
        NotTrusted::NotYet(at) => format!("certificate begins at {}", instant(*at)),
        NotTrusted::OtherName(names) => format!("certificate is for another name: {}", names.join(", ")),
        NotTrusted::UnknownAuthority => {
            "certificate is signed by an authority that is not known here".to_owned()
        }
        NotTrusted::SelfSigned => "a self-signed certificate".to_owned(),
        NotTrusted::NoTls => "this port does not speak TLS".to_owned(),
        NotTrusted::Timeout => "no answer in time".to_owned(),
        NotTrusted::Other(words) => words.clone(),
    }
}

fn days(count: i64) -> String {
    if count == 1 { "1 day".to_owned() } else { format!("{count} days") }
}

/// `2026-03-02 23:59 UTC`.
fn instant(seconds: i64) -> String {
    let iso = Timestamp::from_seconds(seconds).iso();
    format!("{} UTC", iso.get(..16).unwrap_or(&iso).replace('T', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_in_words() {
        let now = Timestamp::from_seconds(1_800_000_000);
        let papers = |ends| Papers { issuer: "CN=Meridian CA".to_owned(), ends };
        for (seconds, words) in [
            (60 * DAY, "60 days left, until 2027-03-16 08:00 UTC; signed by CN=Meridian CA"),
            (20 * DAY, "20 days left, until 2027-02-04 08:00 UTC; signed by CN=Meridian CA"),
            (DAY + 1, "only 1 day left, until 2027-01-16 08:00 UTC; signed by CN=Meridian CA"),
            (DAY - 1, "only 0 days left, until 2027-01-16 07:59 UTC; signed by CN=Meridian CA"),
        ] {
            let papers = papers(now.seconds() + seconds);
            assert_eq!((good(&papers, now).as_str(), is_ending(&papers, now)), (words, seconds < 30 * DAY));
        }
        let ended = NotTrusted::Ended(now.seconds() - 2 * DAY - 1);
        assert_eq!(bad(&ended, now), "certificate ended 2 days ago (2027-01-13 07:59 UTC)");
        let other = NotTrusted::OtherName(vec!["a.example".to_owned(), "b.example".to_owned()]);
        assert_eq!(bad(&other, now), "certificate is for another name: a.example, b.example");
    }

    #[test]
    fn a_report_reads_from_top_to_bottom() {
        let mut report = Report { about: "https://portal.example/cb".to_owned(), ..Report::default() };
        assert!(report.step("DNS", Ok("192.0.2.17".to_owned())));
        assert_eq!(report.outcome(), Outcome::Fine);
        assert!(!report.step("TCP 443", Err("refused".to_owned())));
        report.skip(&["TLS", "GET"]);
        report.hint = Some("start it".to_owned());
        insta::assert_snapshot!(report.text(), @"
        https://portal.example/cb
          ok    DNS          192.0.2.17
          FAIL  TCP 443      refused
          -     TLS          not tried
          -     GET          not tried
        hint: start it
        ");
        assert_eq!(report.outcome(), Outcome::Problem);
    }
}
