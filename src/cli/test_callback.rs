//! `passerelle test-callback URL`: whether a proxy-granting ticket could be handed over there, and if not,
//! why: the gateway tells nobody but its log.

use std::path::PathBuf;

use super::steps::{Report, Server};
use super::{Format, Outcome, check};
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::domain::proxying;
use crate::outbound::{self, probe::Trust};
use crate::protocol::refusal::ErrorCode;
use crate::protocol::service::ServiceUrl;

/// Looks at everything that a callback needs. A `GET` without parameters must be answered with 200.
pub(super) async fn run(file: Option<PathBuf>, format: Format, url: &str) -> anyhow::Result<Outcome> {
    let (config, problems) = check::read(file)?;
    let Some(config) = config else {
        check::print(&problems, format);
        return Ok(Outcome::Problem);
    };
    let report = look(&config, url).await?;
    report.print(format)?;
    Ok(report.outcome())
}

async fn look(config: &Config, text: &str) -> anyhow::Result<Report> {
    let mut report = Report { about: text.to_owned(), ..Report::default() };
    let allowed =
        proxying::callback(&config.rules, text, config.proxy.allow_http_loopback, SystemClock.now());
    let found = allowed.as_ref().map(|callback| callback.rule.name.clone());
    report.step("service", found.map_err(|refusal| refusal.detail.clone()));
    let callback = match &allowed {
        Ok(callback) => callback.url.clone(),
        Err(refusal) if refusal.code == ErrorCode::UnauthorizedServiceProxy => {
            report.hint = Some(
                "write proxy_callback = true at the [[service]] that this address belongs to; the first that \
                 matches counts"
                    .to_owned(),
            );
            ServiceUrl::parse(text)?
        }
        // An address that nothing is ever sent to.
        Err(_) => {
            report.skip(&["DNS", "TCP", "TLS", "GET"]);
            return Ok(report);
        }
    };
    ask(config, &callback, &mut report).await?;
    Ok(report)
}

async fn ask(config: &Config, url: &ServiceUrl, report: &mut Report) -> anyhow::Result<()> {
    let further = config.outbound.ca_file.as_deref();
    let (client, trust) = (outbound::client(further)?, Trust::system_and(further)?);
    let limit = config.proxy.callback_timeout;
    let tls = url.scheme() == "https";
    let server = Server { host: url.host(), port: url.port().unwrap_or(443), tls, proxy: None };
    if !report.reach(server, &trust, limit, SystemClock.now()).await {
        report.skip(&["GET"]);
        report.hint.get_or_insert_with(|| {
            "authorities beside those of the system are named by ca_file in [outbound]; all else is mended there"
                .to_owned()
        });
        return Ok(());
    }
    let answered = client.get(url.as_str()).timeout(limit).send().await;
    let found = match answered {
        Ok(answer) if answer.status().as_u16() == 200 => Ok("200".to_owned()),
        Ok(answer) => Err(format!("{}, and only 200 counts", answer.status().as_u16())),
        Err(error) if error.is_timeout() => Err(format!("no answer in {} ms", limit.as_millis())),
        Err(_) => Err("the connection broke".to_owned()),
    };
    report.step("GET", found);
    Ok(())
}
