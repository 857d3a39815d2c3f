//! `passerelle demo`: a gateway, two institutions and a service in one process. Loopback only, databases
//! in memory, nothing is written.
//!
//! | file | does |
//! |---|---|
//! | [`set_up`] | the configuration of the three gateways: `texts/`, for memory and for `--write` |
//! | [`sample`] | the services: an application that signs people in with CAS, and one that asks it in their name |
//! | [`open`] | shows it in the browser |
//! | [`mod@write`] | `--write`: the same set-up as files |

pub(super) mod open;
mod sample;
mod set_up;
mod write;

use std::io::{ErrorKind, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, anyhow};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Outcome;
use super::gateway::{Gateway, asked_to_stop};
use crate::config::{Config, Listen};
use crate::http::seats::Seats;
use crate::http::serve::{Listener, serve};
use crate::telemetry;

use set_up::{House, SetUp};

/// Longest wait for requests that run when the demo ends: there is nothing to lose.
const DRAIN: Duration = Duration::from_secs(1);

/// `passerelle demo`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The gateway's port; the institutions and the sample app take the three after it
    #[arg(long, default_value_t = 8090, value_parser = clap::value_parser!(u16).range(1..=65532))]
    port: u16,
    /// Do not open the browser
    #[arg(long)]
    no_open: bool,
    /// Write this set-up as files to start from, and run nothing
    #[arg(long, value_name = "DIR")]
    write: Option<PathBuf>,
}

/// Runs until SIGTERM or SIGINT, or writes the files.
pub(super) async fn run(options: Options) -> anyhow::Result<Outcome> {
    let set_up = SetUp::at(options.port);
    if let Some(folder) = &options.write {
        write::write(folder, &set_up)?;
        say(&write::next_steps(folder));
        return Ok(Outcome::Fine);
    }
    telemetry::start_at("warn");
    // All four first: a port that is taken is told before anything runs.
    let places = [listener(&set_up, 0).await?, listener(&set_up, 1).await?, listener(&set_up, 2).await?];
    let for_sample = listener(&set_up, 3).await?;

    let stop = CancellationToken::new();
    let asked = asked_to_stop()?;
    let mut gateways = Vec::new();
    for (house, listener) in House::ALL.into_iter().zip(places) {
        gateways.push(Gateway::start_on(listener, config(&set_up, house)?, stop.clone()).await?);
    }
    let tasks = TaskTracker::new();
    tasks.spawn(serve(for_sample, sample::router(&set_up)?, Seats::new(Vec::new()), stop.clone()));
    tasks.close();

    say(&welcome(&set_up));
    if !options.no_open {
        open::open(&set_up.sample_front());
    }
    asked.await;
    stop.cancel();
    let ended = async {
        tasks.wait().await;
        for gateway in gateways {
            gateway.ended().await;
        }
    };
    // Whatever takes longer ends with the process.
    let _in_time = tokio::time::timeout(DRAIN, ended).await;
    Ok(Outcome::Fine)
}

/// Opens the port so many after the first.
async fn listener(set_up: &SetUp, after: u16) -> anyhow::Result<Listener> {
    let port = set_up.port(after);
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    Listener::open(&Listen::Tcp(address)).await.map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => anyhow!(
            "port {port} is taken by another program; choose the first of four free ports with --port, \
             for example: passerelle demo --port {}",
            if set_up.port(0) < 18_000 { 18_090 } else { 8090 }
        ),
        _ => anyhow!(error).context(format!("cannot listen on {address}")),
    })
}

fn config(set_up: &SetUp, house: House) -> anyhow::Result<Config> {
    let read = Config::read(&set_up.texts(house), &|_| None);
    let (config, _) = read
        .map_err(|problems| anyhow!("{}", problems.text(false, "")))
        .with_context(|| format!("the configuration of {}", house.folder()))?;
    Ok(config)
}

fn welcome(set_up: &SetUp) -> String {
    let [gateway, northfield, cevennes] = House::ALL.map(|house| set_up.url(house));
    format!(
        "passerelle demo — nothing is stored, Ctrl-C ends it

  start here     {sample}   sample app
                 {sample}portal   asks the sample app in your name
  gateway        {gateway}/login
  institutions   {northfield}   University of Northfield (CAS 3.0)
                 {cevennes}     Observatoire des Cévennes (CAS 2.0)

  try   ana / ana at Northfield, then ana / ana at Cévennes: two people
  also  ben, chloe at Northfield · bruno, claire at Cévennes · guest at the gateway
        the password is always the user name
",
        sample = set_up.sample_front(),
    )
}

/// Results go to stdout; nobody there to read them is no reason to end.
fn say(text: &str) {
    let mut out = std::io::stdout();
    let _nobody_reads = writeln!(out, "{text}").and_then(|()| out.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_where_to_go() {
        insta::assert_snapshot!(welcome(&SetUp::at(8090)), @"
        passerelle demo — nothing is stored, Ctrl-C ends it

          start here     http://127.0.0.1:8093/   sample app
                         http://127.0.0.1:8093/portal   asks the sample app in your name
          gateway        http://127.0.0.1:8090/cas/login
          institutions   http://127.0.0.1:8091/northfield   University of Northfield (CAS 3.0)
                         http://127.0.0.1:8092/cevennes     Observatoire des Cévennes (CAS 2.0)

          try   ana / ana at Northfield, then ana / ana at Cévennes: two people
          also  ben, chloe at Northfield · bruno, claire at Cévennes · guest at the gateway
                the password is always the user name
        ");
    }

    #[tokio::test]
    async fn a_port_that_is_taken_is_named() {
        let other = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = other.local_addr().unwrap().port();
        let error = listener(&SetUp::at(port - 1), 1).await.unwrap_err().to_string();
        assert!(error.contains(&format!("port {port} is taken")) && error.contains("--port"), "{error}");
    }
}
