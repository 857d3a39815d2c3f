//! The plain values of a group on SQLite: one text, one trip to the thread of the connection.

use futures_util::StreamExt;
use sqlx::{AssertSqlSafe, Either, Executor, SqliteConnection};

use super::Kind;
use crate::store::error::StoreError;

/// Statements in a row, and whose each is.
#[derive(Default)]
pub(in crate::store) struct Script {
    texts: Vec<&'static str>,
    lists: Vec<String>,
    /// For each statement the kind whose rows it gives.
    owners: Vec<Option<usize>>,
}

/// A script that stopped.
pub(in crate::store) struct Stopped {
    /// At which of its statements.
    pub(in crate::store) at: usize,
    pub(in crate::store) error: StoreError,
}

impl From<Stopped> for StoreError {
    fn from(stopped: Stopped) -> Self {
        stopped.error
    }
}

impl Script {
    /// The statements of all kinds of which there is something to write.
    pub(in crate::store) fn of(kinds: &[&dyn Kind]) -> Result<Self, StoreError> {
        let mut script = Self::default();
        for (place, kind) in kinds.iter().enumerate() {
            if kind.len() == 0 {
                continue;
            }
            for (text, list) in kind.statements()? {
                script.texts.push(text);
                script.lists.push(list);
                script.owners.push(Some(place));
            }
        }
        Ok(script)
    }

    /// How many statements it has.
    pub(in crate::store) fn len(&self) -> usize {
        self.texts.len()
    }

    /// Puts a statement before all others that takes nothing.
    pub(in crate::store) fn begin_with(&mut self, text: &'static str) {
        self.texts.insert(0, text);
        self.owners.insert(0, None);
    }

    /// Puts one behind.
    pub(in crate::store) fn end_with(&mut self, text: &'static str) {
        self.texts.push(text);
        self.owners.push(None);
    }

    /// Runs it for the kinds that it was made of, until the first error.
    pub(in crate::store) async fn run(
        self,
        c: &mut SqliteConnection,
        kinds: &mut [&mut dyn Kind],
    ) -> Result<(), Stopped> {
        // Few texts, one for each set of kinds: the connection keeps them prepared.
        let text = AssertSqlSafe(self.texts.join(";\n"));
        let query = self.lists.into_iter().fold(sqlx::query(text), sqlx::query::Query::bind);
        let mut at = 0;
        let mut steps = c.fetch_many(query);
        while let Some(step) = steps.next().await {
            let kept = match step {
                Ok(Either::Left(_done)) => {
                    at += 1;
                    Ok(())
                }
                Ok(Either::Right(row)) => match self.owners.get(at).copied().flatten() {
                    Some(owner) => kinds.get_mut(owner).map_or(Ok(()), |kind| kind.keep(&row)),
                    None => Ok(()),
                },
                Err(error) => Err(error.into()),
            };
            kept.map_err(|error| Stopped { at, error })?;
        }
        drop(steps);
        kinds.iter_mut().for_each(|kind| kind.conclude());
        Ok(())
    }
}
