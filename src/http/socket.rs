//! A WebSocket to a browser: how much it may carry, and how long it is waited for.

use std::time::Duration;

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use serde::Serialize;

/// A description of one sound is a few kilobytes.
const MESSAGE_MAX: usize = 32 * 1024;
/// A page is asked this often whether it is still there; one that has not answered by the next is gone.
pub const PING: Duration = Duration::from_secs(20);

/// The same, in bounds.
pub fn bounded(upgrade: WebSocketUpgrade) -> WebSocketUpgrade {
    upgrade
        .max_message_size(MESSAGE_MAX)
        .max_frame_size(MESSAGE_MAX)
        .read_buffer_size(4 * 1024)
        .write_buffer_size(0)
        // A page that asks and does not listen is not waited for.
        .max_write_buffer_size(4 * MESSAGE_MAX)
}

/// Says one JSON object.
pub async fn tell(socket: &mut WebSocket, hears: &impl Serialize) -> Result<(), axum::Error> {
    let text = serde_json::to_string(hears).map_err(axum::Error::new)?;
    send(socket, Message::Text(text.into())).await
}

/// A page that takes nothing for so long is gone.
pub async fn send(socket: &mut WebSocket, message: Message) -> Result<(), axum::Error> {
    tokio::time::timeout(PING, socket.send(message)).await.map_err(axum::Error::new)?
}
