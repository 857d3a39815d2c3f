//! What an institution answers to somebody without an account: its pages, and a ticket that nobody issued.

use std::time::Duration;

use reqwest::{RequestBuilder, Url, header};

use super::steps::{Found, Report};
use crate::client::{Question, ValidateError};
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::domain::code::Code;
use crate::domain::provider::{CasVersion, Provider, StateIn};
use crate::protocol::params::push_pair;
use crate::protocol::response::Answer;
use crate::protocol::time::Timestamp;
use crate::protocol::{saml11, text, xml};
use crate::upstream::{Begun, Upstreams};

/// The steps, in their order.
pub(super) const NAMES: [&str; 5] = ["/login", "callback", "validation", "protocol", "clock"];

/// A ticket that nobody issued.
const FALSE_TICKET: &str = "ST-0-passerelle-test-provider";
/// What is said where that ticket lets somebody in.
pub(super) const ACCEPTED: &str = "a made-up ticket was accepted: do not let anybody in from there";
/// As much of a page as is looked at, in bytes.
const MOST: usize = 64 * 1024;
/// Differences of clocks up to this are nothing, in seconds.
const USUAL: i64 = 30;

/// Asks all of it. Out: the code of the page that people see where a validation fails for another reason than
/// its ticket.
pub(super) async fn ask(
    config: &Config,
    upstreams: &Upstreams,
    provider: &Provider,
    report: &mut Report,
) -> Option<Code> {
    let http = upstreams.http(&provider.suffix)?;
    let there = There {
        http,
        provider,
        limit: Duration::from_millis(provider.approach.timeout_ms),
        callback: callback(config, provider),
    };
    let date = there.login(report).await;
    there.takes_our_address(upstreams, report).await;
    let code = there.validation(upstreams, report).await;
    let instant = there.protocol(report).await;
    there.clock(date, instant, report);
    code
}

/// The address that people come back to, as far as it is always the same.
fn callback(config: &Config, provider: &Provider) -> String {
    let base = &config.server.public_url;
    match provider.approach.state_in {
        StateIn::Url => base.at(&format!("/federate/{}?h=test", provider.suffix)),
        StateIn::Cookie => base.at(&format!("/federate/{}/return", provider.suffix)),
    }
}

/// An institution to ask.
struct There<'a> {
    http: &'a reqwest::Client,
    provider: &'a Provider,
    limit: Duration,
    callback: String,
}

/// What it answered.
struct Heard {
    status: u16,
    location: Option<Url>,
    /// What its clock said, and ours at that moment.
    date: Option<Clocks>,
    at: Timestamp,
    is_page: bool,
    body: Vec<u8>,
}

/// Two clocks at the same moment: later requests may take long.
#[derive(Clone, Copy, Debug)]
struct Clocks {
    theirs: Timestamp,
    ours: Timestamp,
}

impl There<'_> {
    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.provider.url)
    }

    async fn hear(&self, request: RequestBuilder) -> Result<Heard, String> {
        let heard = tokio::time::timeout(self.limit, hear(request));
        heard.await.unwrap_or(Err(ValidateError::Timeout)).map_err(|error| error.to_string())
    }

    /// Whether a page is there. Out: what its clock says.
    async fn login(&self, report: &mut Report) -> Option<Clocks> {
        let path = self.provider.approach.paths.login.as_deref().unwrap_or("/login");
        let heard = self.hear(self.http.get(self.at(path))).await;
        let found = match &heard {
            Err(words) => Found::Bad(words.clone()),
            Ok(heard) => match (heard.status, &heard.location) {
                (200, _) if heard.is_page => Found::Good("200, a page".to_owned()),
                (200, _) => Found::Bad("200, but no page".to_owned()),
                (300..=399, Some(to)) if self.is_there(to) => {
                    Found::Good(format!("{} to {}", heard.status, to.path()))
                }
                (300..=399, Some(to)) => {
                    let host = to.host_str().unwrap_or_default();
                    Found::Odd(format!("{} to another host: {host}", heard.status))
                }
                (status, _) => Found::Bad(status.to_string()),
            },
        };
        report.note("/login", found);
        heard.ok()?.date
    }

    fn is_there(&self, to: &Url) -> bool {
        Url::parse(&self.provider.url).is_ok_and(|own| own.host_str() == to.host_str())
    }

    /// Whether it lets people sign in for us: many take registered addresses only.
    async fn takes_our_address(&self, upstreams: &Upstreams, report: &mut Report) {
        let renew = self.provider.approach.renew;
        let Some(url) = upstreams.leave(self.provider, &self.callback, renew, false) else { return };
        let front = self.callback.split('?').next().unwrap_or_default();
        let is_ours = |to: &Url| to.as_str().starts_with(front);
        let found = match self.hear(self.http.get(url)).await {
            Err(words) => Found::Bad(words),
            Ok(heard) => match (heard.status, &heard.location) {
                (200, _) => Found::Good("200 with our address".to_owned()),
                (300..=399, Some(to)) if !is_ours(to) => {
                    Found::Good(format!("{} with our address", heard.status))
                }
                (300..=399, Some(to)) if to.query_pairs().any(|(name, _)| name == "ticket") => {
                    Found::Good("lets people in without a page".to_owned())
                }
                (300..=399, Some(_)) => Found::Odd("sends people back without a ticket".to_owned()),
                (status, _) => Found::Bad(format!("{status} with our address {front}")),
            },
        };
        report.note("callback", found);
    }

    /// The very request of the gateway, with a ticket that nobody issued: it must be refused, and properly. Out:
    /// the code of anything else that went wrong.
    async fn validation(&self, upstreams: &Upstreams, report: &mut Report) -> Option<Code> {
        let provider = self.provider;
        let begun = Begun { suffix: &provider.suffix, url: &provider.url, protocol: provider.protocol };
        let asked =
            upstreams.redeem(begun, Question::new(FALSE_TICKET, &self.callback), SystemClock.now()).await;
        let code = asked.as_ref().err().map(|trouble| trouble.code);
        let found = match asked {
            Ok(_) => Found::Bad(ACCEPTED.to_owned()),
            Err(trouble) if trouble.code != Code::UpstreamTicketRejected => Found::Bad(trouble.reason),
            Err(trouble) if trouble.reason.contains("SERVICE") => {
                Found::Odd(format!("a made-up ticket is {}: is our address registered?", trouble.reason))
            }
            Err(trouble) => Found::Good(format!("a made-up ticket is {}", trouble.reason)),
        };
        report.note("validation", found);
        code.filter(|code| *code != Code::UpstreamTicketRejected)
    }

    /// Which protocols it speaks, and whether another would do better. Out: what the clock of a SAML answer says.
    async fn protocol(&self, report: &mut Report) -> Option<Clocks> {
        if let Some(path) = &self.provider.approach.paths.validate {
            report.step("protocol", Ok(format!("not looked for: its path is {path}")));
            return None;
        }
        let mut spoken = Vec::new();
        for (path, version) in PATHS {
            if self.speaks_xml_or_text(path, version).await {
                spoken.push(version);
            }
        }
        let saml = self.saml().await;
        if saml.is_some() {
            spoken.push(CasVersion::Saml1);
        }
        report.note("protocol", advice(self.provider.protocol, &spoken));
        saml.flatten()
    }

    async fn speaks_xml_or_text(&self, path: &str, version: CasVersion) -> bool {
        let mut query = String::new();
        push_pair(&mut query, "service", &self.callback);
        push_pair(&mut query, "ticket", FALSE_TICKET);
        let url = format!("{}?{query}", self.at(path));
        let Ok(heard) = self.hear(self.http.get(url)).await else { return false };
        let read = match version {
            CasVersion::V1 => text::read(&heard.body),
            _ => xml::read(&heard.body, &xml::Reading::default()),
        };
        heard.status == 200 && matches!(read, Ok(Answer::Failure { .. }))
    }

    /// Whether it answers in SAML 1.1, and the instant of the answer.
    async fn saml(&self) -> Option<Option<Clocks>> {
        let mut query = String::new();
        push_pair(&mut query, "TARGET", &self.callback);
        let body = saml11::question(FALSE_TICKET, &saml11::request_id(FALSE_TICKET), SystemClock.now());
        let request = self.http.post(format!("{}?{query}", self.at("/samlValidate")));
        let request = request.header(header::CONTENT_TYPE, "text/xml; charset=utf-8").body(body);
        let heard = self.hear(request).await.ok().filter(|heard| heard.status == 200)?;
        let ours = heard.at;
        let answer = String::from_utf8(heard.body).ok()?;
        let is_saml = answer.contains(SAML) && answer.contains("Response") && answer.contains("StatusCode");
        let instant = answer.split_once("IssueInstant=\"").and_then(|(_, rest)| rest.split('"').next());
        is_saml.then(|| Some(Clocks { theirs: Timestamp::parse_iso(instant?)?, ours }))
    }

    /// Answers in SAML hold for a short time only, so there a wrong clock is a failure.
    fn clock(&self, date: Option<Clocks>, instant: Option<Clocks>, report: &mut Report) {
        let is_saml = self.provider.protocol == CasVersion::Saml1;
        let Some(Clocks { theirs, ours }) = instant.filter(|_| is_saml).or(date) else {
            report.step("clock", Ok("not told".to_owned()));
            return;
        };
        let (ahead, words) = difference(theirs, ours);
        let is_near = ahead.saturating_abs() <= USUAL.max(self.provider.approach.skew);
        let found = match (is_near, is_saml) {
            (true, _) => Found::Good(words),
            (false, true) => Found::Bad(words),
            (false, false) => Found::Odd(words),
        };
        report.note("clock", found);
    }
}

/// Where each protocol is spoken (CAS 3.0 §2.4, §2.5, §2.8).
const PATHS: [(&str, CasVersion); 3] = [
    ("/p3/serviceValidate", CasVersion::V3),
    ("/serviceValidate", CasVersion::V2),
    ("/validate", CasVersion::V1),
];
const SAML: &str = "urn:oasis:names:tc:SAML:1.0:protocol";

/// What to say of the protocol in the file, when these are spoken.
fn advice(own: CasVersion, spoken: &[CasVersion]) -> Found {
    let list = spoken.iter().map(|version| version.as_str()).collect::<Vec<_>>().join(", ");
    // CAS 3 and SAML tell attributes, CAS 2 does by custom, CAS 1 cannot.
    let best = [CasVersion::V3, CasVersion::Saml1, CasVersion::V2, CasVersion::V1]
        .into_iter()
        .find(|version| spoken.contains(version));
    let write = |version: CasVersion| format!("protocol = \"{}\"", version.as_str());
    match best {
        None => Found::Bad("no address answers a made-up ticket properly".to_owned()),
        // The gateway falls back by itself.
        Some(best) if own == CasVersion::V3 && best == CasVersion::V2 => {
            Found::Odd(format!("speaks {list}: {} spares a request", write(best)))
        }
        Some(best) if !spoken.contains(&own) => Found::Bad(format!("speaks {list}: write {}", write(best))),
        Some(best) if best != own && matches!(own, CasVersion::V1 | CasVersion::V2) => {
            Found::Odd(format!("speaks {list}: {} may tell more of people", write(best)))
        }
        Some(_) => Found::Good(format!("speaks {list}")),
    }
}

/// How far a clock is ahead of ours, and that in words.
fn difference(theirs: Timestamp, ours: Timestamp) -> (i64, String) {
    let ahead = theirs.seconds().saturating_sub(ours.seconds());
    let words = match ahead {
        -1..=1 => "right".to_owned(),
        ..-1 => format!("{} s behind", ahead.saturating_neg()),
        _ => format!("{ahead} s ahead"),
    };
    (ahead, words)
}

/// One answer, and not more of it than is looked at.
async fn hear(request: RequestBuilder) -> Result<Heard, ValidateError> {
    let mut response = request.send().await.map_err(|error| ValidateError::of_http(&error))?;
    let at = SystemClock.now();
    let text = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (kind, location, date) = (text(header::CONTENT_TYPE), text(header::LOCATION), text(header::DATE));
    let location = location.and_then(|text| response.url().join(&text).ok());
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| ValidateError::of_http(&error))? {
        body.extend_from_slice(&chunk);
        if body.len() > MOST {
            break;
        }
    }
    let is_html = kind.is_some_and(|kind| kind.to_ascii_lowercase().contains("html"));
    let is_page = is_html || String::from_utf8_lossy(&body).to_ascii_lowercase().contains("<html");
    let date = date.as_deref().and_then(instant).map(|theirs| Clocks { theirs, ours: at });
    Ok(Heard { status, location, date, at, is_page, body })
}

/// The `Date` of an answer (RFC 9110 §5.6.7).
fn instant(text: &str) -> Option<Timestamp> {
    let zoned = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(Timestamp::from_seconds(zoned.timestamp().as_second()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_protocol_that_tells_most() {
        use CasVersion::{Saml1, V1, V2, V3};
        let right = |words: &str| Found::Good(words.to_owned());
        let better = |words: &str| Found::Odd(words.to_owned());
        let wrong = |words: &str| Found::Bad(words.to_owned());
        for (own, spoken, expected) in [
            (V3, &[V3, V2, V1][..], right("speaks 3.0, 2.0, 1.0")),
            (Saml1, &[V3, Saml1], right("speaks 3.0, saml1")),
            (V3, &[V2, V1], better("speaks 2.0, 1.0: protocol = \"2.0\" spares a request")),
            (V2, &[V3, V2], better("speaks 3.0, 2.0: protocol = \"3.0\" may tell more of people")),
            (V1, &[V2, V1], better("speaks 2.0, 1.0: protocol = \"2.0\" may tell more of people")),
            (V2, &[V1], wrong("speaks 1.0: write protocol = \"1.0\"")),
            (V1, &[V3, V2], wrong("speaks 3.0, 2.0: write protocol = \"3.0\"")),
            (Saml1, &[V3], wrong("speaks 3.0: write protocol = \"3.0\"")),
            (V3, &[], wrong("no address answers a made-up ticket properly")),
        ] {
            assert_eq!(advice(own, spoken), expected, "{own:?} {spoken:?}");
        }
    }

    #[test]
    fn clocks() {
        let at = |seconds: i64| Timestamp::from_seconds(1_772_621_527 + seconds);
        assert_eq!(instant("Wed, 04 Mar 2026 10:52:07 GMT"), Some(at(0)));
        assert_eq!((instant(""), instant("yesterday")), (None, None));
        assert_eq!(difference(at(1), at(0)), (1, "right".to_owned()));
        assert_eq!(difference(at(90), at(0)), (90, "90 s ahead".to_owned()));
        assert_eq!(difference(at(-31), at(0)), (-31, "31 s behind".to_owned()));
    }
}
