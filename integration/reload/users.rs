//! The file of users of a back-end changes.

use crate::support::Browser;
use crate::support::hash::cheap;
use crate::support::house::{Database, WIKI};
use crate::support::server::Server;

/// People with hashes of little cost, and what is known of them.
fn users(people: &[(&str, &str, &str)]) -> String {
    let user = |(name, password, unit): &(&str, &str, &str)| {
        let hash = cheap(password);
        format!("[[user]]\nname = \"{name}\"\npassword = \"{hash}\"\nattributes = {{ unit = \"{unit}\" }}\n")
    };
    people.iter().map(user).collect()
}

async fn start(database: &Database, content: &str) -> Server {
    let staff = "[[backend]]\nname = \"staff\"\nkind = \"file\"\npath = \"users.toml\"\n";
    let server = Server::files(database, staff);
    server.write("users.toml", content);
    server.serves().await
}

/// What comes of a name and a password.
async fn status(server: &Server, who: (&str, &str)) -> u16 {
    let guest = Browser::elsewhere(&server.base);
    guest.types(&guest.get("login").await, who).await.status
}

#[tokio::test]
async fn people_come_change_and_go() {
    let database = Database::fresh();
    let server = start(&database, &users(&[("lee", "first", "North"), ("kim", "second", "South")])).await;
    let (lee, kim) = (Browser::elsewhere(&server.base), Browser::elsewhere(&server.base));
    lee.signs_in(("lee", "first")).await;
    kim.signs_in(("kim", "second")).await;
    assert_eq!(status(&server, ("ann", "third")).await, 401);

    server.write("users.toml", &users(&[("lee", "fourth", "East"), ("ann", "third", "West")]));
    let log = server.logs("config loaded", 1).await;
    assert!(log.contains("entries=\"~ backend staff\""), "{log}");
    for (who, answer) in
        [(("lee", "first"), 401), (("lee", "fourth"), 303), (("kim", "second"), 401), (("ann", "third"), 303)]
    {
        assert_eq!(status(&server, who).await, answer, "{who:?}");
    }
    // Who is in stays in; what is known of them is what the file says now, or said last.
    for (browser, unit) in [(&lee, "East"), (&kim, "South")] {
        assert!(browser.visits(WIKI).await.maybe_ticket().is_some());
        let page = browser.get("login").await;
        assert!(page.says(unit), "{unit}: {}", page.text());
    }
    assert!(!server.log().contains("$argon2"));
}

#[tokio::test]
async fn another_password_alone_is_a_change() {
    let database = Database::fresh();
    let server = start(&database, &users(&[("lee", "first", "North")])).await;
    server.write("users.toml", &users(&[("lee", "second", "North")]));
    let log = server.logs("config loaded", 1).await;
    assert!(log.contains("entries=\"~ backend staff\""), "{log}");
    assert_eq!(status(&server, ("lee", "second")).await, 303);
}

#[tokio::test]
async fn a_slip_among_many_changes_nobody() {
    let database = Database::fresh();
    let good = users(&[("lee", "first", "North")]);
    let server = start(&database, &good).await;
    let lee = Browser::elsewhere(&server.base);
    lee.signs_in(("lee", "first")).await;
    let slips = [
        users(&[("ann", "x", "South")]) + "[[user]]\nname = \"kim\"\npassword = \"clear text\"\n",
        users(&[("ann", "x", "South")]) + &users(&[("ann", "y", "West")]),
        users(&[("ann", "x", "South"), ("lee", "second", "North")]) + "[[user]\n",
        users(&[("ann", "x", "South"), ("k im", "x", "South")]),
    ];
    for (number, slip) in slips.iter().enumerate() {
        server.write("users.toml", slip);
        let log = server.logs("config_refused", number + 1).await;
        assert!(log.contains("users.toml") && !log.contains("clear text\""), "{log}");
        assert_eq!(status(&server, ("lee", "first")).await, 303, "{number}");
        assert_eq!(status(&server, ("ann", "x")).await, 401, "{number}");
        assert!(lee.visits(WIKI).await.maybe_ticket().is_some());
    }
    assert_eq!(server.log().matches("config loaded").count(), 0);
    server.write("users.toml", &users(&[("ann", "x", "South")]));
    server.logs("config loaded", 1).await;
    assert_eq!(status(&server, ("ann", "x")).await, 303);
}
