# The short page on the way to a service or an institution.

exit-heading = Taking you to { $name }
exit-lead = If nothing happens, use the button.
exit-heading-ready = You are signed in to { $name }
exit-lead-ready = The service has been given what it asked for. You can go on with the button.
exit-button = Continue to { $name }
