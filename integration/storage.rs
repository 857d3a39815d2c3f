//! The database is locked or gone: a page that says so, an honest answer, and never a ticket.

use crate::support::browser::login;
use crate::support::house::{ADA, Database, NOTES, WIKI};
use crate::support::postgres::Postgres;
use crate::support::{Browser, House};

/// What must hold while nothing can be written.
async fn refuses_everything(house: &House, ada: &Browser, ticket: &str) {
    let form = Browser::at(house).visits(WIKI).await;
    assert!(form.asks_password(), "showing a form needs no database");
    let page = ada.visits(WIKI).await;
    assert_eq!((page.status, page.code().as_str(), page.maybe_ticket()), (503, "server.storage", None));
    assert!(house.logs().contains(page.header("cas-reference")), "the reference is in the log");
    let guest = Browser::at(house);
    let typed = guest.types(&guest.visits(WIKI).await, ADA).await;
    assert_eq!(
        (typed.status, typed.code().as_str(), typed.header("set-cookie")),
        (503, "server.storage", "")
    );
    let out = ada.twin().get("logout").await;
    assert_eq!((out.status, out.code().as_str()), (503, "server.storage"));
    assert_eq!(house.validate("validate", ticket, NOTES, &[]).await, "no\n");
    let answer = house.p3_service_validate(ticket, NOTES).await;
    assert!(answer.contains("<cas:authenticationFailure code=\"INTERNAL_ERROR\">"), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_file_is_waited_for_and_then_told() {
    let database = Database::Sqlite(std::sync::Arc::new(tempfile::tempdir().unwrap()));
    let house = House::with().database(database).start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    let ticket = ada.ticket_for(NOTES).await;
    let mut other = house.beside_sqlite().await;
    sqlx::query("BEGIN EXCLUSIVE").execute(&mut other).await.unwrap();
    // Each waits five seconds for the lock, so all of them at once.
    let guest = Browser::at(&house);
    let form = guest.get(&login(WIKI, "provider=local")).await;
    let (page, typed, answer) =
        tokio::join!(ada.visits(WIKI), guest.types(&form, ADA), house.p3_service_validate(&ticket, NOTES));
    assert_eq!((page.status, page.code().as_str(), page.maybe_ticket()), (503, "server.storage", None));
    assert_eq!((typed.status, typed.header("set-cookie")), (503, ""));
    assert!(answer.contains("INTERNAL_ERROR"), "{answer}");
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    assert!(house.service_validate(&ticket, NOTES).await.contains("ada"), "the ticket was not used up");
    assert!(ada.visits(WIKI).await.maybe_ticket().is_some());
}

#[tokio::test]
async fn a_database_that_was_let_go() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    let ticket = ada.ticket_for(NOTES).await;
    house.app.store.close().await;
    refuses_everything(&house, &ada, &ticket).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stopped() {
    if !matches!(Database::fresh(), Database::Postgres(_)) {
        return;
    }
    let server = Postgres::start();
    let house = House::with().database(Database::Postgres(server.fresh_database())).start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    let ticket = ada.ticket_for(NOTES).await;
    drop(server);
    refuses_everything(&house, &ada, &ticket).await;
}
