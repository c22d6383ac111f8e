"""ページの上に並ぶ、リンクのボタン。"""


def add_button(context, url, tooltip, icon, label):
    """ボタンを 1 つ足す。icon は Font Awesome の名前、label は CSS のクラスになる。"""
    context.setdefault("header_buttons", []).append(
        {
            "type": "link",
            "url": url,
            "tooltip": tooltip,
            "icon": f"fas fa-{icon}",
            "label": f"{label}-button",
        }
    )
