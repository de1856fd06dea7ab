"""Messages that want a look-up or a person, written for this project: what routing learns from.

Word patterns (lookups.py, handover.py) are sure of what they know; a small model trained on
these sentences, against the knowledge base's own questions, recognises other wordings.
"""

from collections.abc import Mapping

_ORDER_STATUS = """
Where's my package?
any news on my order?
my parcel still hasn't turned up
I ordered two weeks ago and nothing has arrived
has order gone out yet?
did my order ship?
can you tell me when my order will arrive
could you check the status of my delivery please
what's happening with my order
I haven't received my order yet
why is my order taking so long
is my package on its way?
order status
I bought a lamp last week and it has not been shipped
hi, I'd like to know where my stuff is
我的快递到哪里了
我前天拍的裙子发货了吗
怎么还不给我发货
帮我查一下我的订单
我的包裹什么时候能到
买了一个星期了还没收到货
货到哪了
我那个单子现在什么情况
麻烦催一下发货
Wo bleibt meine Bestellung?
Wann kommt mein Paket an?
Ist meine Bestellung schon unterwegs?
Où est ma commande ?
Quand vais-je recevoir mon colis ?
Ma commande n'est toujours pas arrivée
¿Dónde está mi pedido?
Mi paquete todavía no ha llegado
¿Cuándo llega mi pedido?
注文した商品がまだ届きません
私の荷物は今どこですか
yo whats up with my delivery
is my order confirmed
When's my package coming?
can u check my order
my order is late
I need an update on my shipment
I paid on Monday but it still hasn't shipped
Has my parcel been dispatched?
how much longer until my order gets here
where's the jacket I ordered
the shoes I ordered never came
东西怎么还没到
我的货呢
什么时候给我发货
我下的单发出来了没
查订单
查一下物流
快递怎么这么慢
我昨天买的耳机到哪儿了
都半个月了包裹还没到
我的订单怎么一直不发货
Ich warte immer noch auf mein Paket
Meine Bestellung ist noch nicht da
Können Sie den Status meiner Bestellung prüfen?
Je n'ai toujours pas reçu mon colis
No me ha llegado el pedido
いつ発送されますか？先週注文しました
I made a purchase on Friday, where is it?
please check where my shipment is
I'm still waiting for my order to be delivered
my order was supposed to arrive yesterday
no sign of my parcel yet
why hasn't my item shipped
tell me the delivery status
could I get an ETA for my order
it's been 10 days, where is my order??
订单怎么样了
我买的书到哪里了
为什么我的订单还没有发货
上周下单的东西还没动静
包裹现在在哪里
发货了吗我的订单
能帮忙看下我的快递到哪了吗
今天能收到我的快递吗
so when do I get my parcel then
I want to know if my package was sent
pls check status of my purchase
you guys still haven't sent my stuff
my delivery is three days late
I need to know where my order is right now
any idea when my order ships?
did you send out my order already
how's my order doing
could you look up my order for me
我想知道我的订单什么时候发
麻烦看看我那个订单发没发
我买的手机壳怎么还没寄出来
请查询一下我的物流
下单五天了都没发货
快递送到哪儿了呀
我的东西寄出来没有
订单发货没
Wie ist der Stand bei meiner Lieferung?
Ich habe mein Paket noch nicht bekommen
Pouvez-vous me dire où en est mon colis ?
¿Me pueden decir dónde va mi paquete?
注文の発送状況を知りたい
荷物が一週間経っても来ない
quick question, has my lamp been shipped
I'd appreciate news about my delivery
the parcel is not here yet, can you check
what's the hold up with my order
when am I getting my order
it has been three weeks and I have nothing
have you guys shipped it yet
我订的货怎么还没到
麻烦查一下快递走到哪了
发货了没有啊
买了好久还不发
Meine Sendung kommt nicht an, was ist los?
Où en est ma livraison ?
¿Por qué no llega mi compra?
商品はもう発送されましたか
order hasn't moved, what's up?
is there an update regarding the thing I bought
where is my parcel right now
where is the order I made last month
when does my order arrive
when can I expect my package
what day will my order be delivered
my order has not been delivered
my package never came
my parcel is overdue
my delivery has not come
the item I bought is still not here
I am waiting for my delivery
how is my order coming along
what is taking my order so long
did my package leave yet
have you sent my order
have you shipped my item yet
you have not sent my order
please send me an update about my order
can you give me information about my delivery
can you find out where my package is
locate my parcel
look up my order please
tell me if my order was shipped
I would like to know if my order is on the way
my order seems lost
nothing has been delivered so far
I ordered something and it never arrived
how long until I get my parcel
is my delivery coming today
will my package come tomorrow
我的订单发货没有
我的订单发了没
订单发出了吗
订单到哪里了
我的订单在哪
我的商品寄出了吗
我的宝贝发出来了吗
我的包裹到哪了呢
包裹怎么还没送来
快递怎么还没来
什么时候发我的货
我的订单几时发货
我下的订单什么时候能到
买的东西什么时候到
我的东西怎么还没发
一直没有发货
还没有发货怎么回事
下单好几天了还没有发货
付款三天了还不发货
东西还没收到
怎么还没收到货
帮我查订单
帮我看看快递到哪里了
看一下我的包裹
查询我的订单状态
我想查一下包裹
想知道我的快递在哪
请帮我催一下快递
能不能快点发货
今天会发货吗我的订单
Wo befindet sich mein Paket gerade
Wann wird meine Bestellung geliefert
Meine Lieferung ist überfällig
Ich warte seit Wochen auf meine Bestellung
Ich habe meine Ware noch nicht erhalten
Wie ist der Status meiner Sendung
Haben Sie meine Bestellung schon verschickt
Où se trouve mon colis
Quand arrive ma commande
J'attends toujours ma livraison
Ma commande a-t-elle été expédiée
Quel est le statut de ma commande
Mon colis n'est pas arrivé
Dónde se encuentra mi paquete
Cuándo voy a recibir mi pedido
Sigo esperando mi pedido
Mi compra no ha llegado
Cuál es el estado de mi pedido
Ya enviaron mi pedido
私の注文はどうなっていますか
荷物はいつ届きますか、まだ来ません
注文したものが届かない
商品がまだ来ていません
発送しましたか
配送状況を確認したい
"""
_REFUND_STATUS = """
refund status please
did you already send my refund?
I still haven't got my refund
my refund has not arrived
where is my refund?
is my refund approved
我的退款到账了吗
退款怎么还没到
我的退款进度查一下
钱退了没有
Wurde meine Rückerstattung schon bearbeitet?
Mon remboursement a-t-il été effectué ?
¿Ya procesaron mi reembolso?
返金の状況を教えてください
was my refund sent?
can you check on my refund
have you refunded me yet?
what's the status of my return
you said I would be refunded but I see nothing on my card yet
退款处理了吗
我申请的退款审核通过了吗
退款成功了吗，我没收到钱
钱怎么还没退给我
has my return been received and refunded
my refund still shows pending
refund not received
did my refund go through
我的退款什么情况
退款到哪一步了
退款还没收到
I sent the item back last week and still no refund
still waiting on that refund
can I know my refund status
has the money for my return been paid out
my money hasn't come back yet
退款到了没有
我的钱什么时候能退，都一周了还没到
看一下我的退款到哪了
请问退款申请处理得怎么样了
refund still not in my account
I was promised my money back last week, where is it
退款一直没到账
你们退款了没
where is my money
what happened to my refund
has my refund been issued
when exactly will my refund that was approved arrive
my refund is late
I have not received my refund
no refund so far
still no money back from my return
check my refund
is my refund on its way
did you process my return yet
have you received my return
you promised me a refund and nothing came
was the refund for my order completed
我的退款呢
我的退款还没到
退款到账没有
退款退了吗
退款什么情况了
退款处理到哪一步
退款申请通过了吗
退的钱还没收到
我退货的钱到了吗
说好的退款怎么没到
退货收到了吗怎么还不退款
帮我查退款
退款状态
Wo ist meine Erstattung
Ich habe mein Geld noch nicht zurück
Status meiner Rückerstattung
Ist meine Erstattung schon veranlasst
Où est mon remboursement
Je n'ai pas encore été remboursé
Statut de mon remboursement
Dónde está mi reembolso
Todavía no me han devuelto el dinero
Estado de mi reembolso
返金はまだですか
返金されていません
返金処理は終わりましたか
"""
_STOCK = """
do you have the blue mug in stock?
is this still available in size M
how many of the wooden chairs are left
any left of the green backpack?
is the 40cm lamp available
check stock for this item
这个红色的还有现货吗
那款鞋42码还有吗
灰色大号还有库存吗
帮我看看仓库还剩几件
这个没货了吗
Ist der schwarze Rucksack noch verfügbar?
Le sac noir est-il en stock ?
¿Queda la camiseta roja en talla L?
この商品は在庫がありますか
do you still have the large one
how many do you have in stock
is the white version in stock at the moment
is it sold out?
are the earphones available now
这件还有L码吗
库存还有多少
白色的有货吗
现在能买到那款手表吗，有现货没
这款缺货吗
Haben Sie die Jacke noch in Größe M?
Avez-vous encore la robe rouge en taille M ?
¿Tienen las zapatillas blancas en stock?
在庫ありますか
is the red one available
got any of these left in black?
stock check please
is that jacket out of stock
how many units of this are there
这款还有吗
有黑色现货吗
那个杯子还剩几个
XL的还有库存没
do you have this one in stock
is this item available in blue
how much stock is left of this product
are there any of the small ones left
这个颜色还有没有货
帮忙查下这款还有多少件
请问蓝色M码有现货吗
这双鞋还有38的吗
Ist das Kleid in Blau noch da?
Reste-t-il des chaussures en 40 ?
¿Hay stock del modelo azul?
青色の在庫は残っていますか
do you have more of these
is the bigger size available
这个型号有没有库存
红色的卖完了吗
can you see if the warehouse has any more of these
is this item in stock
do you have this in stock
do you have it in medium
is it available
is this product available right now
how many do you have left
how many pieces are in stock
any stock left of this
what is the stock of this product
could you check availability of this item
is the pink one still there
do you still sell this model
does this come in black and is it available
are these out of stock
is size 38 in stock
can I still buy the grey one
这个还有货吗
这款有现货吗
有没有货
还有没有现货
还有几件
还剩多少
仓库里还有多少
库存多少
这个颜色有货吗
大码还有吗
中号还有没有
43码有没有货
查一下这款的库存
帮我看看还有没有货
现在有货没
是不是卖完了
Ist das noch auf Lager
Haben Sie das in Größe L
Wie viele sind noch da
Ist der Artikel verfügbar
Est-ce en stock
Est-il encore disponible
Combien en reste-t-il
Avez-vous ce modèle en noir
Está disponible
Tienen en talla M
Cuántos quedan
Queda alguno
在庫はありますか
まだ買えますか
Mサイズはありますか
残りいくつですか
"""
_PERSON = """
can I speak to someone?
I want to talk to customer service
connect me with an agent
give me a human
agent please
are there any real people I can chat with
stop the bot, I need a person
I'd like to make a complaint
this is ridiculous, I've been waiting forever
you scammed me
I'm going to sue your company
I'll report you to trading standards
I will open a PayPal dispute
worst service ever
人工客服
我要找真人客服
能不能转接一下人工
叫你们主管来
你们这是欺诈，我要去消协
再不处理我就投诉了
我要报警
别用机器人回我，找个人来
你们客服态度太差了
Ich möchte mit einem Mitarbeiter sprechen
Verbinden Sie mich bitte mit einem Menschen
Ich schalte meinen Anwalt ein
Das ist eine Frechheit, ich beschwere mich
Je veux parler à un conseiller
Passez-moi un responsable
C'est une arnaque, je vais porter plainte
Quiero hablar con una persona
Necesito un agente humano
Voy a denunciarlos, esto es una estafa
担当者と話したいです
オペレーターにつないでください
消費者センターに相談します
I would rather speak with a human being
Can someone call me? I want to talk to a person
Is there a supervisor available
get me your boss
transfer me
I want to escalate this
you people are thieves
I'm contacting my bank to reverse the payment
I will leave a bad review everywhere
customer care number please, I need to talk to somebody
live chat
接人工
我要跟人说话
让你们领导联系我
换个人来，你听不懂
我要给差评
不退钱我就去12315
什么垃圾服务
赔钱！不然法院见
Ich will einen Menschen sprechen
Gibt es einen echten Mitarbeiter?
Je souhaite être mis en relation avec quelqu'un
Pásame con un supervisor por favor
Quiero poner una queja
人と話したい
責任者を出して
我想人工服务
有没有真人
请转人工客服
把你们负责人叫出来
我要起诉你们
你们欺骗消费者
一直没人处理，我要投诉到平台
speak to an agent
I need human help
can I have a word with your manager
put me through to someone in charge
I demand to talk to your supervisor now
this is fraud, I am calling the police
see you in court
absolutely disgusting service
我要和真人讲话
机器人走开，给我真人
麻烦帮我接一下人工客服
叫你们老板出来说话
太气人了，我要投诉你们客服
等着收律师函吧
你们就是骗钱的
let me speak with somebody real
I'd like to be connected to support staff
I want a supervisor
could a human take over please
no more bot, human now
I'm filing a complaint against you
expect a letter from my attorney
I feel cheated by your shop
this is the worst experience I've had
Ich will jetzt mit einem echten Menschen reden
Je veux un humain, pas un robot
Páseme con un humano
スタッフに代わってください
能找个人跟我沟通吗
我要见你们领导
你们这是虚假宣传，我要维权
can I get help from a real agent
I want to make an official complaint
I'd like to talk with the owner
you stole my money
I want to talk to a human
let me speak to a person
connect me to an agent
can I talk to a representative
I need to speak to someone
is there a human I can talk to
I'd like to speak with your supervisor
put me through to customer service
please transfer me to an agent
a real person please
get me an employee
I don't want to talk to a machine
someone please help me, not a bot
have a person contact me
please pass this to your manager
I want to complain about your service
I am filing a complaint
I want to lodge a formal complaint
your service is terrible
this is a scam
you cheated me
I feel ripped off
I am extremely unhappy with your shop
I will take legal action
my lawyer will contact you
I will report this to consumer protection
I will do a chargeback
I am going to the police
转接人工
找人工
我要人工
要人工服务
人工在吗
帮我转人工
有人工客服吗
给我找个真人
我想找真人聊
我要跟客服说话
找你们客服经理
让经理来处理
让负责人联系我
我不想跟机器人说
叫人来处理
我要投诉你们
投诉你们店
我要举报你们
你们骗人
你们是骗子公司
骗我的钱
你们太过分了
我很生气
服务太差了
什么态度
我会找律师
我要报警处理
我要向消费者协会投诉
Ich möchte mit jemandem sprechen
Bitte einen Mitarbeiter
Kann ich mit einem Menschen reden
Ich möchte mich beschweren
Ich fühle mich betrogen
Ich gehe zum Anwalt
Je voudrais parler à une personne
Un conseiller s'il vous plaît
Je veux faire une réclamation
Je me sens arnaqué
Je vais prendre un avocat
Quisiera hablar con alguien
Un agente por favor
Quiero presentar una reclamación
Me siento estafado
Voy a llamar a mi abogado
人に代わってください
担当の方をお願いします
オペレーターと話したい
苦情を言いたい
騙された気分です
弁護士に相談します
"""
_NEITHER = """
how long is delivery to Spain usually
do you ship to Norway
how do I track a parcel
my tracking number doesn't work
it was delivered to the wrong house
can I return shoes I have worn
how do refunds work
when will I be refunded after I send it back
I want a refund
the colour of my order is wrong
can I change my order
when will the boots be back in stock
stock on Amazon doesn't match
what are your opening hours
do you have a shop in Paris
are you hiring
can I talk about politics with you
is the app available on android
the manager role cannot see costs
what is the status of world peace
who is your manager
is it safe to order here
how many people work for you
I like your people
the delivery man was nice
thanks but where is the invoice
hi, do you gift wrap?
多久能发货
发货后几天到
怎么查物流
支持退款吗
退款要多久
什么时候补货
系统库存不准
客服几点下班
你们老板是谁
人工智能是什么
要找工作
货到付款可以吗
包裹丢了怎么办
收到的货少了一件
能开票吗
谢谢老板，能便宜点吗
Wie lange dauert der Versand nach Österreich?
Wie kann ich stornieren?
Quels sont les frais de retour ?
¿Cómo cambio mi dirección?
返品はできますか
送料はいくらですか
I paid 2024-11-05 by card
my birthday is 1990-05-12
call me at 555-123-4567
COVID-19 delays?
does the USB-C cable fit
how long does it take to get to Brazil
how can I check delivery progress
what courier do you use
it arrived but one piece is missing
delivered, but not to me
my parcel arrived open and empty
please cancel, I found it cheaper
do I need to keep the box for a return
how many days for the refund to hit my card
can I get my money back
can I pay in instalments
why was my card declined
when do you restock the grey one
does stock sync automatically
the orders from shopee are missing in the system
how do I give an agent access
do you have a loyalty card
do you have a catalogue
which size is right for a 6 foot man
where are you located
who delivers the orders in Spain
thanks, and how do I use the coupon
国际快递要多久
没货了会补吗
怎么退款
退到哪里
可以改地址吗
有优惠吗
人工费贵吗
能送货上门吗
你们用什么快递
快递显示签收但我没拿到
包裹破了
库存为什么没同步
Welche Größe soll ich nehmen?
Puis-je payer en plusieurs fois ?
¿Cuánto cuesta el envío a Chile?
交換したいです
who do I contact for a job
what do agents get paid
can I order by phone
where do you ship from
is my data safe
what happens if customs keeps my parcel
my coupon is not applied to my order
I received my order but the box is crushed
is the return free
can I add a note to my order
will you have more of these next month
快递可以放驿站吗
人工智能客服好用吗
可以送货到公司吗
退货需要原包装吗
申请退款后多久到账
怎么联系快递员
how do I know when it ships
do you email me when the order leaves
what's the normal wait for a refund
can I ship the item back in any box
where can I see my refunds
is there a limit on how many I can order
what if I am not home for the delivery
can a friend pick up my parcel
which stock photo site do you use
do you have a human resources department
can you deliver to a pickup point
do refunds include the shipping cost
is delivery on Sunday possible
how accurate is the stock shown on the site
what does processing mean in my order
is customer service available in german
发票什么时候寄
可以定时送货吗
退款包括运费吗
拒收会怎么样
订单显示处理中是什么意思
库存显示准确吗
客服会说日语吗
换货要多久
如何联系卖家退货
补发的什么时候到
can I return two items together
what's your refund policy on sale items
do you ship on weekends
how do I contact the courier
is it possible to speed up shipping
are batteries included in the order
多久发一次货
退款需要提供什么
能换别的快递吗
有没有教程
that is not the article I wanted
the product I got is another one
the colour does not match what I chose
I received something else
how much time does a refund need
how long do refunds usually take
refund conditions
can I choose how I am refunded
how do I follow a delivery online
where is the tracking page
how are orders shipped
which carrier delivers my order
can I change the delivery date
I want to cancel what I ordered
please stop the order
put both orders in one parcel
where do I download the invoice for an order
I need the receipt of my order
my order total is wrong
is my order insured
do you offer a warranty on this
does it come with a guarantee
when will this be restocked
will it come back in stock
is my size going to be restocked
how do I read the size table
what if the item does not fit
I entered a wrong address for my order
my voucher did not work on my order
can I order several pieces at a discount
发的货不是我要的
买的和收到的不一样
颜色发错了怎么办
退款一般要多久
退款多长时间能到
怎么看物流信息
物流在哪里查
快递一直不更新怎么办
订单怎么取消
我想取消刚才的订单
订单可以改地址吗
订单开发票
两个订单能一起发吗
有保修吗
什么时候会补货
尺码怎么选
可以用优惠券吗
怎么加盟分销
周末客服上班吗
Ich will meine Bestellung stornieren
Falscher Artikel in meinem Paket
Wie lange dauert eine Erstattung
Je souhaite annuler ma commande
Mauvais article dans mon colis
Combien de temps pour un remboursement
Quiero anular mi pedido
Me llegó otro artículo
Cuánto tarda un reembolso
注文を取り消したい
違うものが届きました
返金にかかる日数
有没有说明书
有没有实体店
有没有优惠活动
有没有微信群
有没有中文版
有没有售后服务
有没有赠品
有没有安装视频
怎么成为代理
节假日有人吗
给我发了别的颜色
我买的是大号给我发了小号
that's not the thing I bought
I need to correct the delivery place
I need to change the number of pieces
I want to give this back, how does it work
refund duration
time needed for refunds
Wie hoch sind die Versandkosten?
Welche Lieferzeit haben Sie normalerweise?
Liefern Sie auch nach Italien?
Wie funktioniert die Rückgabe?
Welche Zahlungsarten gibt es?
Kann ich die Bestellung ändern?
Das gelieferte Teil ist kaputt
Ich brauche eine Rechnung zur Bestellung
Gibt es einen Gutschein?
Wie lange gilt die Garantie?
Combien coûte la livraison ?
En combien de temps livrez-vous ?
Quels sont les délais habituels ?
Livrez-vous en Italie ?
Comment faire un retour ?
Quels moyens de paiement acceptez-vous ?
L'article reçu est cassé
J'ai besoin d'une facture
Comment modifier ma commande ?
Quelle est la durée de la garantie ?
¿Cuánto cuesta la entrega?
¿Cuánto suelen tardar los envíos?
¿Envían a Italia?
¿Cómo hago una devolución?
¿Qué formas de pago aceptan?
El producto recibido está roto
Necesito la factura del pedido
¿Cómo modifico mi pedido?
¿Cuánto dura la garantía?
送料はいくらかかりますか
通常は何日で届きますか
イタリアに送れますか
返品のやり方
支払い方法は何がありますか
届いた商品が割れていた
請求書が必要です
注文内容を変えたい
保証期間はどのくらい
"""


def _lines(text: str) -> tuple[str, ...]:
    return tuple(text.strip().split("\n"))


ROUTED: Mapping[str, tuple[str, ...]] = {
    "order_status": _lines(_ORDER_STATUS),
    "refund_status": _lines(_REFUND_STATUS),
    "stock": _lines(_STOCK),
    "asked_for_person": _lines(_PERSON),
}
"""Sentences by the tool they want; `asked_for_person` for a person."""

NEITHER = _lines(_NEITHER)
"""Sentences near to those that want no look-up: general questions about the same things."""
