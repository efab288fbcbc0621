export default {
  install: {
    title: '安装 Agent', titleFor: '为 {name} 安装 Agent', make: '生成密钥和安装命令',
    intro: '将为此服务器生成一个新的密钥，以及一行安装命令。已有的密钥不受影响。',
    fleetIntro: '将生成一个集群密钥：多台主机可共用，按 IP 地址识别服务器。',
    run: '在目标主机上运行', needs: '需要 root 权限、curl 和 Python 3.9 或更高版本。再次运行即为更新。',
    package: '主机上已安装 monitor 包', once: '密钥仅显示这一次。',
    fleetHint: '尚未登记的主机上报后，会出现在“待登记主机”中。',
    loopback: '{origin} 只有本机可以访问。要监控其他主机，请先通过它们能访问的地址打开此页面。',
    waiting: '等待第一次上报…', waitingFleet: '等待任一主机使用此密钥上报…', reporting: '已收到上报',
  },
}
