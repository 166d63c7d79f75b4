"""Nova 34's routes and actions as its own source has them: data, to hold our table against.

A line of ``ROUTES`` is a path, its verbs, and the first and last microversion that have them ("2.26-",
"-2.35"; nothing for all, "gone" where it answers 410). In ``ACTIONS`` an action stands for the verbs.
"""

NEWEST = "2.104"

ROUTES = """
/ GET
/versions/{} GET
/extensions GET
/extensions/{} GET
/flavors GET,POST
/flavors/detail GET
/flavors/{} GET,DELETE
/flavors/{} PUT 2.55-
/flavors/{}/action POST
/flavors/{}/os-extra_specs GET,POST
/flavors/{}/os-extra_specs/{} GET,PUT,DELETE
/flavors/{}/os-flavor-access GET
/images GET -2.35
/images/detail GET -2.35
/images/{} GET,DELETE -2.35
/images/{}/metadata GET,POST,PUT -2.38
/images/{}/metadata/{} GET,PUT,DELETE -2.38
/limits GET
/os-agents GET,POST gone
/os-agents/{} PUT,DELETE gone
/os-aggregates GET,POST
/os-aggregates/{} GET,PUT,DELETE
/os-aggregates/{}/action POST
/os-aggregates/{}/images POST 2.81-
/os-assisted-volume-snapshots POST
/os-assisted-volume-snapshots/{} DELETE
/os-availability-zone GET
/os-availability-zone/detail GET
/os-baremetal-nodes GET,POST -2.35
/os-baremetal-nodes/{} GET,DELETE -2.35
/os-baremetal-nodes/{}/action POST
/os-cells POST,GET gone
/os-cells/capacities GET gone
/os-cells/detail GET gone
/os-cells/info GET gone
/os-cells/sync_instances POST gone
/os-cells/{} GET,PUT,DELETE gone
/os-cells/{}/capacities GET gone
/os-certificates POST gone
/os-certificates/{} GET gone
/os-cloudpipe GET,POST gone
/os-cloudpipe/{} PUT gone
/os-console-auth-tokens/{} GET
/os-fixed-ips/{} GET gone
/os-fixed-ips/{}/action POST gone
/os-floating-ip-dns GET gone
/os-floating-ip-dns/{} PUT,DELETE gone
/os-floating-ip-dns/{}/entries/{} GET,PUT,DELETE gone
/os-floating-ip-pools GET -2.35
/os-floating-ips GET,POST -2.35
/os-floating-ips/{} GET,DELETE -2.35
/os-floating-ips-bulk GET,POST gone
/os-floating-ips-bulk/{} GET,PUT gone
/os-fping GET gone
/os-fping/{} GET gone
/os-hosts GET -2.42
/os-hosts/{} GET,PUT -2.42
/os-hosts/{}/reboot GET -2.42
/os-hosts/{}/shutdown GET -2.42
/os-hosts/{}/startup GET -2.42
/os-hypervisors GET
/os-hypervisors/detail GET
/os-hypervisors/statistics GET -2.87
/os-hypervisors/{} GET
/os-hypervisors/{}/search GET -2.52
/os-hypervisors/{}/servers GET -2.52
/os-hypervisors/{}/uptime GET -2.87
/os-instance_usage_audit_log GET
/os-instance_usage_audit_log/{} GET
/os-keypairs GET,POST
/os-keypairs/{} GET,DELETE
/os-migrations GET
/os-networks GET -2.35
/os-networks POST gone
/os-networks/add POST gone
/os-networks/{} GET -2.35
/os-networks/{} DELETE gone
/os-networks/{}/action POST gone
/os-quota-class-sets/{} GET,PUT
/os-quota-sets/{} GET,PUT,DELETE
/os-quota-sets/{}/detail GET
/os-quota-sets/{}/defaults GET
/os-security-group-default-rules GET,POST gone
/os-security-group-default-rules/{} GET,DELETE gone
/os-security-group-rules POST -2.35
/os-security-group-rules/{} DELETE -2.35
/os-security-groups GET,POST -2.35
/os-security-groups/{} GET,PUT,DELETE -2.35
/os-server-external-events POST
/os-server-groups GET,POST
/os-server-groups/{} GET,DELETE
/os-services GET
/os-services/{} PUT,DELETE
/os-simple-tenant-usage GET
/os-simple-tenant-usage/{} GET
/os-snapshots GET,POST -2.35
/os-snapshots/detail GET -2.35
/os-snapshots/{} GET,DELETE -2.35
/os-tenant-networks GET -2.35
/os-tenant-networks POST gone
/os-tenant-networks/{} GET -2.35
/os-tenant-networks/{} DELETE gone
/os-volumes GET,POST -2.35
/os-volumes/detail GET -2.35
/os-volumes/{} GET,DELETE -2.35
/os-volumes_boot GET,POST -2.102
/os-volumes_boot/detail GET -2.102
/os-volumes_boot/{} GET,PUT,DELETE -2.102
/os-volumes_boot/{}/action POST
/servers GET,POST
/servers/detail GET
/servers/{} GET,PUT,DELETE
/servers/{}/action POST
/servers/{}/consoles GET,POST gone
/servers/{}/consoles/{} GET,DELETE gone
/servers/{}/diagnostics GET
/servers/{}/ips GET
/servers/{}/ips/{} GET
/servers/{}/metadata GET,POST,PUT
/servers/{}/metadata/{} GET,PUT,DELETE
/servers/{}/migrations GET 2.23-
/servers/{}/migrations/{} GET 2.23-
/servers/{}/migrations/{} DELETE 2.24-
/servers/{}/migrations/{}/action POST
/servers/{}/os-instance-actions GET
/servers/{}/os-instance-actions/{} GET
/servers/{}/os-interface GET,POST
/servers/{}/os-interface/{} GET,DELETE
/servers/{}/os-server-password GET,DELETE
/servers/{}/os-virtual-interfaces GET gone
/servers/{}/os-volume_attachments GET,POST
/servers/{}/os-volume_attachments/{} GET,PUT,DELETE
/servers/{}/remote-consoles POST 2.6-
/servers/{}/os-security-groups GET
/servers/{}/shares GET,POST 2.97-
/servers/{}/shares/{} GET,DELETE 2.97-
/servers/{}/tags GET,PUT,DELETE 2.26-
/servers/{}/tags/{} GET,PUT,DELETE 2.26-
/servers/{}/topology GET 2.78-
"""

ACTIONS = """
/flavors/{}/action addTenantAccess
/flavors/{}/action removeTenantAccess
/os-aggregates/{}/action add_host
/os-aggregates/{}/action remove_host
/os-aggregates/{}/action set_metadata
/os-baremetal-nodes/{}/action add_interface -2.35
/os-baremetal-nodes/{}/action remove_interface -2.35
/os-fixed-ips/{}/action reserve gone
/os-fixed-ips/{}/action unreserve gone
/os-networks/{}/action disassociate gone
/os-networks/{}/action disassociate_host gone
/os-networks/{}/action disassociate_project gone
/os-networks/{}/action associate_host gone
/os-volumes_boot/{}/action confirmResize -2.102
/os-volumes_boot/{}/action revertResize -2.102
/os-volumes_boot/{}/action reboot -2.102
/os-volumes_boot/{}/action resize -2.102
/os-volumes_boot/{}/action rebuild -2.102
/os-volumes_boot/{}/action createImage -2.102
/os-volumes_boot/{}/action os-start -2.102
/os-volumes_boot/{}/action os-stop -2.102
/os-volumes_boot/{}/action trigger_crash_dump 2.17-2.102
/servers/{}/action confirmResize
/servers/{}/action revertResize
/servers/{}/action reboot
/servers/{}/action resize
/servers/{}/action rebuild
/servers/{}/action createImage
/servers/{}/action os-start
/servers/{}/action os-stop
/servers/{}/action trigger_crash_dump 2.17-
/servers/{}/action resetNetwork gone
/servers/{}/action injectNetworkInfo
/servers/{}/action os-resetState
/servers/{}/action changePassword
/servers/{}/action os-getConsoleOutput
/servers/{}/action createBackup
/servers/{}/action restore
/servers/{}/action forceDelete
/servers/{}/action evacuate
/servers/{}/action addFloatingIp -2.43
/servers/{}/action removeFloatingIp -2.43
/servers/{}/action lock
/servers/{}/action unlock
/servers/{}/action migrate
/servers/{}/action os-migrateLive
/servers/{}/action addFixedIp -2.43
/servers/{}/action removeFixedIp -2.43
/servers/{}/action pause
/servers/{}/action unpause
/servers/{}/action os-getVNCConsole -2.5
/servers/{}/action os-getSPICEConsole -2.5
/servers/{}/action os-getRDPConsole gone
/servers/{}/action os-getSerialConsole -2.5
/servers/{}/action rescue
/servers/{}/action unrescue
/servers/{}/action addSecurityGroup
/servers/{}/action removeSecurityGroup
/servers/{}/action shelve
/servers/{}/action shelveOffload
/servers/{}/action unshelve
/servers/{}/action suspend
/servers/{}/action resume
/servers/{}/migrations/{}/action force_complete 2.22-
"""
