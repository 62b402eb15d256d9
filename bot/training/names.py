"""Words that tell names from other words: names that are common, and words of every day that are none. Pure data."""

from __future__ import annotations

# First names that mean nothing else in a message to a pawn broker: hidden wherever they stand.
COMMON_NAMES = frozenset(
    """
    abdul abdullah aditya agus ahmad alfian ali alif amin aminah amir andi andika andri andy anggi anggraini anisa anita anton antonius
    ari arif arifin aris arya asep astuti atik azis bambang basuki benny bimo budi budiman budiono cahyono candra cecep chandra
    christian cici dadang daniel darmawan dede dedi deni denny desi dewi diana dicky didik dimas dini djoko dodi doni edi eko elisa
    endah endang erik erna ernawati erni evi fadli fahmi faisal fajar fani farhan fatimah fauzi febri ferdi ferry fikri firman fitri
    fitriani galih gilang gunawan hadi halimah handayani haris hartono hasanah hendra hendri hendro heri herlina herman hermawan heru
    ika ilham ima intania irfan irma irwan iskandar ismail iwan jajang joko joni jono junaidi kartini khoirul kurnia kurniawan laila
    lilis lina linda mahmud mardiana maria mariam maryani mira muhamad muhammad muhammmad mulyadi mulyono mustofa nadia nanang nani
    neneng ningsih nining novita nugroho nunung nuraini nurhayati nurul nyoman oki okta prabowo prasetyo pratiwi priyanto purnomo
    puspita rahma rahman rahmat ramdani ratih ratna rendi reza riana ridwan rika rina rini rio riski rizal rizki rizky robert rohman
    romi rudi rudy rukmini rusdi safitri saiful samsul santi santoso saputra sarah sella setiawan setyawan sigit siska siti soleh sri
    subagyo suharto sulastri sulistyo sumarni sumiati sunarto supardi suparman supriadi supriyanto susanti susanto susi susilo sutrisno
    suwarno suyanto syahrul syaiful taufik toni tono trisno tuti udin ujang umar vina wahyu wahyudi wahyuni wawan wayan widodo widya
    wijaya wiwin wulan wulandari yadi yani yanti yanto yayan yayuk yeni yoga yogi yohanes yudha yudi yuli yulia yuliana yulianti yuni
    yusuf zaenal zainal zaki zulkifli
    """.split()
)

# Names that are also a street, a month, a greeting or a word: hidden only after what announces a name, or beside one.
ALSO_NAMES = frozenset(
    """
    ade adi agung aji akbar ayu dani dian dina dwi eka hana hasan hidayat husein imam imas indra jamal kartika komar kusuma lestari lia
    lukman made maya mega mei melati mukti novi nur pardi permana pratama putra putri putu rahayu ramadhan rani salim sari slamet
    sudirman sugeng sukma surya teguh tini titin tri utami utomo wati
    """.split()
)

# What may follow "nama saya", "saya", "pak", "bu" without being a name.
ORDINARY = frozenset(
    """
    a ada adalah adek adik admin agar agen agustus ajukan akan aktif aku akun alamat alhamdulillah aman anak anda angsuran antrean antri
    apa apakah aplikasi april arisan artis asli assalamualaikum atas atau atm ayah bagaimana bagian bahwa baik balik bandung bank bantu
    bantuan banyak bapak barang baru batal bayar bayi bca beberapa beda bekasi beli belum benar berapa berbeda berhasil bertanya besok
    biar biasa biaya bicara bikin bingung bisa blm bni bogor boleh bot bpk bpkb bri brp bsi btn bu buat buka bukan bulan butuh cabang
    capek cara cek cepat cerita cetak chat cicil cicilan coba cs cuma customer daftar dah dalam dan dana dapat dapet dari data datang
    dengan depok desember developer di dia dibantu diblokir dibobol dibuat dicantumkan dicatut didaftarkan diganti digunakan dihack
    dihapus dijual dimana dipakai dipinjam diri disalahgunakan dong download dulu duluan elektronik emas engga enggak error februari
    foto gadai gadaikan gagal gak galau ganti gimana gini gitu gopay gram gue guru gw hadir hai hallo halo handphone hapus harap hari
    harus heran hilang hp hubungi ia ibu id ijin ikut info ingin ini instansi isi istri itu iya izin jadi jakarta jalan jam jangan
    januari jatuh jawab jelas jenis jika jogja jual juga juli jumat jumlah juni kabar kaget kak kakak kalau kali kalian kalo kami kamis
    kamu kandung kantor kapan kapok karena kartu karyawan kasih kata kawan ke kecewa kelas kelebihan keluarga kemaren kemarin kena
    kenapa kepada keren kerja kesal ketik ketua khawatir kirim kita klo kode kok komplain konfirmasi kontrak kosong kota kredit kritik
    ktp kurang kurir lagi lain laki lalu lama lapor laporan layanan lelang lembaga lengkap lewat lg libur lihat limit login loh lunas
    lupa maaf mahasiswa maka makassar malah malam mampir mana mandiri marah maret mas masalah masih masuk masukin mau mba mbak medan mei
    mekanisme melakukan melalui melihat memang membayar membeli memiliki menabung mendaftar mengajukan mengapa mengerti menggadaikan
    menghubungi menikah menjadi menunggu menurut menyesal merasa mertua min minggu minta mohon motor muncul nabung nama namanya nanti
    nanya nasabah ngga nggak ni nih nik no nomer nomor november nunggak nya nyicil oktober oleh online operator orang ortu otp outlet
    ovo padahal pagi pak pakai pakde pake palembang paman panggilan pasangan pegadaian pegawai pelajar pelanggan pembayaran pembeli
    pemberi pemilik pemula penerima pengajuan pengen pengguna penipu penipuan penjual pensiunan perempuan perihal perlu permanen pernah
    perpanjang pertama perusahaan peserta petugas pin pinjam pinjaman plis pria produk proses puas pukul punya pusing rabu rb rekening
    rugi rumah rupiah sabtu sah saja sakit salah saldo sama sampai sampe sampean saudara saya sbg sdh sdr sebagai sebagian sebelumnya
    sedang sedih segera sejak selalu selamat selasa seluruh semarang semoga semua senang sendiri senin seperti september sering
    sertifikat sesuai setuju siang siapa silakan sini sistem slik sms sore sosmed suami sudah suka supaya surabaya surat susah sy
    tabungan tadi tagihan tahu tahun takut tangerang tangga tanggal tante tanya tapi tau td tdk tebus telah telat teman tempo tentang
    terdaftar terima terimakasih terjadi terlambat termasuk terpakai tersebut tertarik tertipu terus tetap tetapi tf tgl tiap tiba
    ticket tidak tiket tim tinggal tolong transaksi transfer tring trs trus tua tuan tunggu tutup uang udah udh ulang unit untuk update
    upgrade usaha utang wa waktu wanita warga whatsapp wib wiraswasta ya yaitu yakin yang yg yogyakarta yth yuk
    """.split()
)
