//! `passerelle test-provider SUFFIX`: whether people of an institution could sign in, and if not, why and who can
//! mend it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::steps::{Found, Report, Server, State};
use super::table::say;
use super::{Format, Outcome, check, sign_in_once, upstream_steps};
use crate::app::database;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::config::public_url::web_address;
use crate::domain::code::Code;
use crate::domain::provider::{CasVersion, Provider};
use crate::domain::switches::{Kind, Switches};
use crate::http::lang::Lang;
use crate::http::pages::error_text::{Facts, error_text};
use crate::outbound::{OutboundError, probe::Trust};
use crate::protocol::service::ServiceUrl;
use crate::store::switches;
use crate::upstream::Upstreams;

/// `passerelle test-provider`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The suffix of the institution
    suffix: String,
    /// Sign in there with the browser of this computer, and show what would come in
    #[arg(long)]
    login: bool,
    /// Where that browser comes back to [default: a free port of 127.0.0.1]
    #[arg(long, value_name = "ADDRESS", requires = "login", value_parser = loopback)]
    listen: Option<SocketAddr>,
    /// Show the values of attributes, not only their names
    #[arg(long, requires = "login")]
    values: bool,
    /// Do not open the browser
    #[arg(long, requires = "login")]
    no_open: bool,
}

fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text.parse().map_err(|_| "write it like 127.0.0.1:8765".to_owned())?;
    if address.ip().is_loopback() { Ok(address) } else { Err("an address of this computer alone".to_owned()) }
}

/// Runs the command.
pub(super) async fn run(file: Option<PathBuf>, format: Format, options: Options) -> anyhow::Result<Outcome> {
    let (config, problems) = check::read(file)?;
    let Some(config) = config else {
        check::print(&problems, format);
        return Ok(Outcome::Problem);
    };
    let Some(provider) = config.directory.find(&options.suffix) else {
        say(&format!("there is no institution with the suffix {:?}", options.suffix));
        return Ok(Outcome::Problem);
    };
    let upstreams = Upstreams::new(&config.directory, config.outbound.ca_file.as_deref())?;
    let off = switched_off(&config).await;
    let (mut report, reached) = look(&config, &upstreams, provider, &off).await?;
    if options.login && reached {
        let way = sign_in_once::Way {
            listen: options.listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0))),
            opens: !options.no_open,
            values: options.values,
        };
        sign_in_once::sign_in(&config, &upstreams, provider, &way, &mut report).await?;
    }
    report.print(format)?;
    Ok(report.outcome())
}

/// What somebody switched off by command. Files can be tried before there is a database, and where there is none
/// within reach: then it is nothing.
pub(super) async fn switched_off(config: &Config) -> Switches {
    switches::glance(&database(config)).await.unwrap_or_default()
}

/// Everything that can be seen from here without an account. Out: what was found, and whether the server was
/// reached.
pub(super) async fn look(
    config: &Config,
    upstreams: &Upstreams,
    provider: &Provider,
    off: &Switches,
) -> Result<(Report, bool), OutboundError> {
    let spoken = match provider.protocol {
        CasVersion::Saml1 => "SAML 1.1".to_owned(),
        version => format!("CAS {}", version.as_str()),
    };
    let about = format!("{}   {}   {spoken}", provider.name, provider.url);
    let mut report = Report { about, ..Report::default() };
    if provider.disabled {
        report.note("file", Found::Odd("switched off: nobody is sent there".to_owned()));
    }
    if off.is_off(Kind::Provider, provider.suffix.as_str()) {
        let words = format!(
            "switched off: nobody is sent there until `passerelle providers enable {}`",
            provider.suffix
        );
        report.note("command", Found::Odd(words));
    }
    let reached = reach(config, provider, &mut report).await?;
    let mut code = None;
    if reached {
        code = upstream_steps::ask(config, upstreams, provider, &mut report).await;
    } else {
        report.skip(&upstream_steps::NAMES);
    }
    if let Some(hint) = hint(provider, &report, code) {
        report.hint = Some(hint);
    }
    Ok((report, reached))
}

async fn reach(config: &Config, provider: &Provider, report: &mut Report) -> Result<bool, OutboundError> {
    let limit = Duration::from_millis(provider.approach.timeout_ms);
    // Both were read from the files, and are addresses.
    let Ok(url) = web_address(&provider.url) else { return Ok(false) };
    let proxy = provider.approach.http_proxy.as_deref().and_then(|text| web_address(text).ok());
    let is_https = |url: &ServiceUrl| url.scheme() == "https";
    let port = |url: &ServiceUrl| url.port().unwrap_or(if is_https(url) { 443 } else { 80 });
    let now = SystemClock.now();
    if let Some(proxy) = proxy.as_ref().filter(|proxy| is_https(proxy)) {
        // What lies behind it is seen by the requests that go through it.
        let server = Server { host: proxy.host(), port: port(proxy), tls: true, proxy: None };
        return Ok(report.reach(server, &Trust::system_and(None)?, limit, now).await);
    }
    let through = proxy.as_ref().map(|proxy| (proxy.host(), port(proxy)));
    let server = Server { host: url.host(), port: port(&url), tls: is_https(&url), proxy: through };
    Ok(report.reach(server, &trust(config, provider)?, limit, now).await)
}

/// Whom to believe, as the requests of the gateway do.
fn trust(config: &Config, provider: &Provider) -> Result<Trust, OutboundError> {
    let shown = provider.approach.client_certificate.as_ref();
    let shown = shown.map(|(certificate, key)| (certificate.as_path(), key.as_path()));
    match &provider.approach.ca_file {
        Some(only) => Trust::only_showing(only, shown),
        None => Trust::system_and_showing(config.outbound.ca_file.as_deref(), shown),
    }
}

/// Who can mend the first thing that failed, and what people see until then. In: the code of a validation that
/// failed.
fn hint(provider: &Provider, report: &Report, code: Option<Code>) -> Option<String> {
    // Whatever else failed, nothing is worse, and people see nothing of it.
    if report.steps.iter().any(|step| step.words == upstream_steps::ACCEPTED) {
        return Some(format!(
            "anybody can sign in there as anybody, with a ticket of their own making: switch it off (`passerelle \
             providers disable {}`) until `url` and `paths` are right, or the institution has repaired this",
            provider.suffix
        ));
    }
    let failed = report.steps.iter().find(|step| step.state == State::Fail)?;
    let silent = seen(provider, Code::UpstreamUnreachable);
    let file = format!("the [[provider]] of {}", provider.suffix);
    Some(match failed.what.as_str() {
        "DNS" => {
            format!("look at `url` in {file}; if it is right, only the institution can repair this. {silent}")
        }
        "proxy" => format!("look at `http_proxy` in {file}: only your side can repair this. {silent}"),
        "TLS" => format!("{}. {silent}", of_tls(&failed.words, &file)),
        what if what.starts_with("TCP") => format!(
            "a firewall between here and there, or the institution: nobody answers at that port. {silent}"
        ),
        "/login" => format!("look at `url` and `paths` in {file}; if they are right, ask the institution"),
        "callback" => "ask the institution to register our address as a service".to_owned(),
        "validation" => {
            let offer = report.steps.iter().find(|step| step.what == "protocol").map(|step| &step.words);
            let offer = offer.and_then(|words| words.split_once(": write "));
            let seen = seen(provider, code.unwrap_or(Code::UpstreamBadAnswer));
            match offer {
                Some((spoken, key)) => format!("write {key} in {file}, which {spoken}. {seen}"),
                None => format!("look at `url`, `protocol` and `paths` in {file}. {seen}"),
            }
        }
        _ => return None,
    })
}

/// What to do about the words of a handshake that failed.
fn of_tls(words: &str, file: &str) -> String {
    let only_they = "only the institution can repair this";
    match words {
        words if words.starts_with("certificate is signed by an authority that is not known") => format!(
            "if the institution has an authority of its own, name its file as `ca_file` in {file}; otherwise its \
             server has to send the whole chain"
        ),
        // Nobody takes the certificate of an authority for that of a server, also where it is named.
        words if words.starts_with("a self-signed") => format!(
            "the server shows the certificate of an authority as its own: the institution has to give it one of \
             its own, signed by that authority, whose file is then named as `ca_file` in {file}"
        ),
        words if words.starts_with("this port does not speak TLS") => {
            format!("look at `url` in {file}: its port, and whether http is meant")
        }
        words if words.starts_with("certificate is for another name") => {
            format!("look at the host of `url` in {file}; if it is right, {only_they}")
        }
        words if words.starts_with("certificate begins") => {
            format!("look at the clock here; if it is right, {only_they}")
        }
        words if words.starts_with("certificate ended") => only_they.to_owned(),
        _ => format!("look at `url` in {file}; if it is right, ask the institution"),
    }
}

fn seen(provider: &Provider, code: Code) -> String {
    let facts = Facts { institution: &provider.name, ..Facts::default() };
    format!("Users see: \"{}\"", error_text(&Lang::default(), code.as_str(), &facts).headline)
}
