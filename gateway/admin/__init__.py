"""What ops can ask a running gateway: the generated package `gateway.admin.v1`."""
