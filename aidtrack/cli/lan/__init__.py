"""HTTPS in a local network without a domain name: phones give camera and offline pages to nothing less."""
