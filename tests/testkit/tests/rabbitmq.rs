//! RabbitMQ as a test server.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use lapin::options::{BasicGetOptions, BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties};
use testkit::servers::RabbitMq;

async fn channel(server: &RabbitMq) -> Channel {
    let connection = Connection::connect(&server.url(), ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    channel.confirm_select(ConfirmSelectOptions::default()).await.unwrap();
    channel
}

async fn declare(channel: &Channel) {
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
    let options = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    channel.queue_declare("jobs".into(), options, arguments).await.unwrap();
}

#[tokio::test]
async fn a_quorum_queue_keeps_what_was_confirmed_over_a_kill() {
    let mut server = RabbitMq::start().await.unwrap();
    let sender = channel(&server).await;
    declare(&sender).await;
    let persistent = BasicProperties::default().with_delivery_mode(2);
    let options = BasicPublishOptions::default();
    let confirm = sender.basic_publish("".into(), "jobs".into(), options, b"job", persistent).await.unwrap();
    assert!(confirm.await.unwrap().is_ack());

    server.kill().await.unwrap();
    assert!(Connection::connect(&server.url(), ConnectionProperties::default()).await.is_err());

    server.restart().await.unwrap();
    let receiver = channel(&server).await;
    let delivery = receiver.basic_get("jobs".into(), BasicGetOptions::default()).await.unwrap();
    assert_eq!(delivery.expect("the job is lost").data, b"job");
}

#[tokio::test]
async fn servers_run_side_by_side_and_stop_in_order() {
    let (mut one, mut other) = tokio::try_join!(RabbitMq::start(), RabbitMq::start()).unwrap();
    declare(&channel(&one).await).await;
    declare(&channel(&other).await).await;
    tokio::try_join!(one.stop(), other.stop()).unwrap();
}
