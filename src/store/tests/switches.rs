use super::*;
use crate::domain::switches::{Kind, Switches};
use crate::store::switches;

impl House {
    async fn off(&self, kind: Kind, name: &'static str) -> bool {
        self.write(move |tx| Box::pin(async move { switches::off(tx, kind, name, at(1000)).await }))
            .await
            .unwrap()
    }

    async fn on(&self, kind: Kind, name: &'static str) -> bool {
        self.write(move |tx| Box::pin(async move { switches::on(tx, kind, name).await })).await.unwrap()
    }

    async fn switches(&self) -> Switches {
        switches::read(&mut self.read().await.unwrap()).await.unwrap()
    }
}

#[tokio::test]
async fn switches_are_kept_by_kind_and_name() {
    let house = House::new().await;
    assert_eq!(house.switches().await, Switches::default());
    assert!(house.off(Kind::Provider, "North.example").await);
    assert!(!house.off(Kind::Provider, "north.EXAMPLE").await, "it was off");
    assert!(house.off(Kind::Service, "Wiki").await);
    let all = house.switches().await;
    assert_eq!(all.names(Kind::Provider).collect::<Vec<_>>(), ["north.example"]);
    assert_eq!(all.names(Kind::Service).collect::<Vec<_>>(), ["Wiki"]);
    assert!(!house.on(Kind::Service, "north.example").await, "another kind");
    assert!(!house.on(Kind::Service, "wiki").await, "names of services have a case");
    assert!(house.on(Kind::Provider, "NORTH.example").await && house.on(Kind::Service, "Wiki").await);
    assert_eq!(house.switches().await, Switches::default());
}
