//! Every server of a directory, step by step, for operators.

use ldap3::Scope;
use tokio::time::{Instant, timeout};

use super::Directory;
use super::answer;
use super::connection::{Connection, Question};
use super::trouble::Trouble;
use crate::auth::{Down, Steps};

/// A name that nobody has: the filter is looked at, not the answer.
const NOBODY: &str = "passerelle-probe";

/// Asks every server. Errors: what is wrong with each that cannot be used.
pub async fn all(directory: &Directory, steps: &Steps) -> Result<(), Down> {
    let (mut wrong, mut silent) = (Vec::new(), false);
    for (server, url) in directory.pool.servers().all() {
        steps.tell("server", || url.to_string());
        if let Err(trouble) = one(directory, server, steps).await {
            steps.failed("failed", || trouble.words().to_owned());
            silent |= !matches!(trouble, Trouble::Refused(_));
            wrong.push(format!("{url}: {}", trouble.words()));
        }
    }
    match (wrong.join("; "), silent) {
        (words, _) if words.is_empty() => Ok(()),
        (words, true) => Err(Down::Silent(words)),
        (words, false) => Err(Down::Unfit(words)),
    }
}

async fn one(directory: &Directory, server: usize, steps: &Steps) -> Result<(), Trouble> {
    let (pool, config) = (&directory.pool, &directory.config);
    let began = Instant::now();
    let silent = |_| Trouble::silent(pool.limit());
    let mut connection = timeout(pool.limit(), pool.connect(server)).await.map_err(silent)??;
    steps.tell("connect", || {
        let secure = config.starttls || pool.servers().url(server).is_some_and(|url| url.scheme() == "ldaps");
        format!("{}, {} ms", if secure { "TLS, certificate verified" } else { "no TLS" }, ms(began))
    });
    if let Some((dn, password)) = &config.bind {
        let began = Instant::now();
        answer::of_account(&connection.bind(dn, password, pool.limit()).await?)?;
        steps.tell("bind", || format!("as {dn}, {} ms", ms(began)));
    }
    let nothing = ["1.1".to_owned()];
    let base = Question {
        base: &config.base_dn,
        scope: Scope::Base,
        filter: "(objectClass=*)",
        attributes: &nothing,
    };
    let found = look(&mut connection, &base, directory).await?;
    steps.tell("base", || format!("{}, {} ms", config.base_dn, ms(found)));
    let filter = config.user_query.with(NOBODY);
    let query =
        Question { base: &config.base_dn, scope: Scope::Subtree, filter: &filter, attributes: &nothing };
    let found = look(&mut connection, &query, directory).await?;
    steps.tell("search", || format!("{filter} is accepted, {} ms", ms(found)));
    Ok(())
}

async fn look(
    connection: &mut Connection,
    question: &Question<'_>,
    directory: &Directory,
) -> Result<Instant, Trouble> {
    let began = Instant::now();
    let (_, reply) = connection.search(question, directory.pool.limit()).await?;
    answer::of_search(&reply).map(|_| began)
}

fn ms(began: Instant) -> u128 {
    began.elapsed().as_millis()
}
