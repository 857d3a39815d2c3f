# The short page on the way to a service or an institution.

exit-heading = Taking you to { $name }
exit-lead = If nothing happens, use the button.
exit-button = Continue to { $name }
